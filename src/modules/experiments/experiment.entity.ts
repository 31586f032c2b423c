import { Collection, type Opt } from '@mikro-orm/core'
import { Entity, Index, OneToMany, Property, Unique } from '@mikro-orm/decorators/legacy'
import { Field, Int, ObjectType } from 'type-graphql'
import { toGlobalId } from '../../shared/global-id.ts'
import { Node } from '../../shared/node.ts'
import { DateTimeScalar, JsonObjectScalar } from '../../shared/scalars.ts'
import { TrackedEntity } from '../../shared/tracked.entity.ts'
import { AllocationEpoch } from './allocation-epoch.entity.ts'
import type { AnalysisPlan } from './analysis-plan.ts'
import { type AssignmentAlgorithm, AssignmentAlgorithmEnum, ExperimentStatusEnum } from './experiment.enums.ts'
import { DEFAULT_AUTOMATION, type ExperimentAutomation } from './experiment-automation.ts'
import { ExperimentMetric } from './experiment-metric.entity.ts'
import type { ExperimentStatus } from './experiment-status.ts'
import { Override } from './override.entity.ts'
import { Variant } from './variant.entity.ts'

@Entity()
@Unique({ properties: ['organizationId', 'key'] })
@Index({ properties: ['organizationId', 'status'] })
@ObjectType({ implements: Node, description: 'A question put to units: which variant is better by its metrics.' })
export class Experiment extends TrackedEntity implements Node {
  @Field(() => String, { description: 'Unique in the organization; never reused, not even after deletion.' })
  @Property({ type: 'text' })
  key!: string

  @Field(() => String, { description: 'Name for people.' })
  @Property({ type: 'text' })
  name!: string

  @Field(() => String, { nullable: true, description: 'What is expected to happen, and why.' })
  @Property({ type: 'text', nullable: true })
  hypothesis?: string | null

  @Field(() => String, { nullable: true, description: 'Anything else worth knowing.' })
  @Property({ type: 'text', nullable: true })
  description?: string | null

  @Field(() => [String], { description: 'Labels to find experiments by; assignFirst picks by one.' })
  @Property({ type: 'text[]' })
  tags: Opt<string[]> = []

  @Field(() => ExperimentStatusEnum, { description: 'Where it stands in its life.' })
  @Property({ type: 'text' })
  status: Opt<ExperimentStatus> = 'DRAFT'

  @Field(() => String, { description: 'What is randomized: `user` unless told.' })
  @Property({ type: 'text' })
  unitType: Opt<string> = 'user'

  @Field(() => AssignmentAlgorithmEnum, { description: 'How units get their variant.' })
  @Property({ type: 'text' })
  assignmentAlgorithm: Opt<AssignmentAlgorithm> = 'HASH'

  @Field(() => String, { description: 'Salt of the hash: random per experiment, new on clone.' })
  @Property({ type: 'text' })
  seed!: string

  @Field(() => Int, { description: 'Share of units enrolled, in basis points: 10,000 is everyone.' })
  @Property({ type: 'integer' })
  trafficBasisPoints: Opt<number> = 10_000

  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: "Who is enrolled: one condition in GrowthBook's language on attributes; null: everyone.",
  })
  @Property({ type: 'json', nullable: true })
  targeting?: Record<string, unknown> | null

  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: "JSON Schema that every variant's config satisfies; null: any config.",
  })
  @Property({ type: 'json', nullable: true })
  configSchema?: Record<string, unknown> | null

  @Field(() => String, { description: 'IANA time zone in which days are counted; fixed at start.' })
  @Property({ type: 'text' })
  timeZone: Opt<string> = 'UTC'

  @Field(() => Boolean, {
    description: 'Whether SDKs may decide by themselves: HASH, no overrides, fixed weights, traffic that only rises.',
  })
  @Property({ type: 'boolean' })
  localEvaluation: Opt<boolean> = false

  @Field(() => Int, { nullable: true, description: 'How long it is planned to run, in days.' })
  @Property({ type: 'integer', nullable: true })
  plannedDurationDays?: number | null

  @Property({ type: 'json' })
  analysis!: AnalysisPlan

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it started; null for a draft.' })
  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  startedAt?: Date | null

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When it was completed or cancelled; events after it do not count.',
  })
  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  endedAt?: Date | null

  @Property({ type: 'integer', nullable: true })
  winnerVariantId?: number | null

  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  scheduledStartAt?: Date | null

  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  scheduledEndAt?: Date | null

  @Property({ type: 'json', onCreate: ({ automation }: Experiment) => automation ?? DEFAULT_AUTOMATION })
  automation!: Opt<ExperimentAutomation>

  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  deletedAt?: Date | null

  // Raised by the repository, under a lock: a change of variants, metrics or overrides alone raises it as well.
  @Field(() => Int, { description: 'Rises with every change; give it back as expectedVersion.' })
  @Property({ type: 'integer' })
  version: Opt<number> = 1

  @OneToMany(
    () => Variant,
    (variant: Variant) => variant.experiment,
    { orphanRemoval: true, orderBy: { position: 'asc' } },
  )
  variants = new Collection<Variant>(this)

  @OneToMany(
    () => ExperimentMetric,
    (metric: ExperimentMetric) => metric.experiment,
    { orphanRemoval: true, orderBy: { position: 'asc' } },
  )
  metrics = new Collection<ExperimentMetric>(this)

  @OneToMany(
    () => Override,
    (override: Override) => override.experiment,
    { orphanRemoval: true, orderBy: { id: 'asc' } },
  )
  overrides = new Collection<Override>(this)

  @OneToMany(
    () => AllocationEpoch,
    (epoch: AllocationEpoch) => epoch.experiment,
    { orderBy: { number: 'asc' } },
  )
  epochs = new Collection<AllocationEpoch>(this)

  get nodeId(): Opt<string> {
    return toGlobalId('Experiment', this.id)
  }
}
