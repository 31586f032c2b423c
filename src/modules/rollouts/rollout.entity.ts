import { Collection, type Opt, type Ref } from '@mikro-orm/core'
import { Entity, Index, ManyToOne, OneToMany, Property, Unique } from '@mikro-orm/decorators/legacy'
import { Field, Float, Int, ObjectType } from 'type-graphql'
import { toGlobalId } from '../../shared/global-id.ts'
import { Node } from '../../shared/node.ts'
import { DateTimeScalar, JsonObjectScalar } from '../../shared/scalars.ts'
import { TrackedEntity } from '../../shared/tracked.entity.ts'
import { Experiment } from '../experiments/experiment.entity.ts'
import type { RampStage } from './ramp-schedule.ts'
import { RolloutStatusEnum } from './rollout.enums.ts'
import { RolloutCheck } from './rollout-check.entity.ts'
import type { RolloutStatus } from './rollout-status.ts'
import { RolloutTransition } from './rollout-transition.entity.ts'

@Entity()
@Unique({ properties: ['organizationId', 'key'] })
@Index({ properties: ['organizationId', 'status'] })
@ObjectType({ implements: Node, description: 'A new version on its way to everybody, a stage at a time.' })
export class Rollout extends TrackedEntity implements Node {
  @Field(() => String, { description: 'Unique in the organization; never reused, not even after deletion.' })
  @Property({ type: 'text' })
  key!: string

  @Field(() => String, { description: 'Name for people.' })
  @Property({ type: 'text' })
  name!: string

  @Field(() => String, { nullable: true, description: 'Anything else worth knowing.' })
  @Property({ type: 'text', nullable: true })
  description?: string | null

  @Field(() => RolloutStatusEnum, { description: 'Where it stands in its life.' })
  @Property({ type: 'text' })
  status: Opt<RolloutStatus> = 'DRAFT'

  @Field(() => String, { description: 'What units are: `user` unless told.' })
  @Property({ type: 'text' })
  unitType: Opt<string> = 'user'

  @Field(() => String, { description: 'Salt of the hash, random per rollout: two do not pick the same units.' })
  @Property({ type: 'text' })
  salt!: string

  @Field(() => String, { description: 'Label of the version that it delivers.' })
  @Property({ type: 'text' })
  versionLabel!: string

  @Field(() => JsonObjectScalar, { nullable: true, description: 'What the application reads on the new version.' })
  @Property({ type: 'json', nullable: true })
  config?: Record<string, unknown> | null

  @Field(() => JsonObjectScalar, { nullable: true, description: 'What the application reads where it is not yet.' })
  @Property({ type: 'json', nullable: true })
  controlConfig?: Record<string, unknown> | null

  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: "Who may get it: one condition in GrowthBook's language on attributes; null: everyone.",
  })
  @Property({ type: 'json', nullable: true })
  targeting?: Record<string, unknown> | null

  @Property({ type: 'json' })
  stages!: RampStage[]

  @Field(() => DateTimeScalar, { nullable: true, description: 'When a draft starts by itself; null: by hand.' })
  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  startsAt?: Date | null

  @Field(() => Float, {
    description:
      'Probability with which a healthy rollout is stopped by its health checks, at the most, over all checks, stages and looks.',
  })
  @Property({ type: 'double' })
  alpha: Opt<number> = 0.05

  @Field(() => Int, { description: 'Samples older than this, in seconds, hold the stage.' })
  @Property({ type: 'integer' })
  maximumSampleAgeSeconds: Opt<number> = 300

  /** Place in the stages, from 0. */
  @Property({ type: 'integer', nullable: true })
  stageIndex?: number | null

  @Field(() => Int, { description: 'Share of units on the new version now, in basis points.' })
  @Property({ type: 'integer' })
  shareBasisPoints: Opt<number> = 0

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When the present stage has lasted its minimum duration; null where no clock runs.',
  })
  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  stageDueAt?: Date | null

  @Property({ type: 'integer' })
  windowNumber: Opt<number> = 0

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it started; null for a draft.' })
  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  startedAt?: Date | null

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was completed or rolled back.' })
  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  endedAt?: Date | null

  @ManyToOne({ entity: () => Experiment, createForeignKeyConstraint: false, ref: true, nullable: true })
  promotedFrom?: Ref<Experiment> | null

  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  deletedAt?: Date | null

  // Raised by every change, under a lock.
  @Field(() => Int, { description: 'Rises with every change; give it back as expectedVersion.' })
  @Property({ type: 'integer' })
  version: Opt<number> = 1

  @OneToMany(
    () => RolloutCheck,
    (check: RolloutCheck) => check.rollout,
    { orphanRemoval: true, orderBy: { position: 'asc' } },
  )
  checks = new Collection<RolloutCheck>(this)

  @OneToMany(
    () => RolloutTransition,
    (transition: RolloutTransition) => transition.rollout,
    { orderBy: { number: 'asc' } },
  )
  transitions = new Collection<RolloutTransition>(this)

  get nodeId(): Opt<string> {
    return toGlobalId('Rollout', this.id)
  }
}
