import type { Opt, Ref } from '@mikro-orm/core'
import { Entity, Index, ManyToOne, Property } from '@mikro-orm/decorators/legacy'
import { Field, ObjectType } from 'type-graphql'
import { describedEnum } from '../../shared/described-enum.ts'
import type { ErrorCode } from '../../shared/error-code.ts'
import { toGlobalId } from '../../shared/global-id.ts'
import { Node } from '../../shared/node.ts'
import { DateTimeScalar } from '../../shared/scalars.ts'
import { ScopedEntity } from '../../shared/scoped.entity.ts'
import { Experiment } from '../experiments/experiment.entity.ts'

export const RecomputationStatusEnum = describedEnum('RecomputationStatus', 'How far a recomputation is.', {
  QUEUED: 'It waits for its turn.',
  RUNNING: 'The log is being read, perhaps again after a fault or a restart.',
  SUCCEEDED: 'Its results are there.',
  FAILED: 'There will be no results; `failure` says why.',
})
export type RecomputationStatus = keyof typeof RecomputationStatusEnum

/** The results of an experiment as of a moment, computed from the log by a job. Only the job changes it. */
@Entity()
@Index({ properties: ['organizationId', 'experiment'] })
@ObjectType({
  implements: Node,
  description:
    'The results of an experiment as of a moment, computed again from the log of events; kept for 30 days after it is done.',
})
export class ResultsRecomputation extends ScopedEntity implements Node {
  @ManyToOne({ entity: () => Experiment, createForeignKeyConstraint: false, ref: true })
  experiment!: Ref<Experiment>

  @Field(() => DateTimeScalar, {
    description:
      'What happened before this moment counts, whenever it arrived: with what came late, and without units that were overridden or found in several variants by now.',
  })
  @Property({ type: 'datetime', columnType: 'timestamptz' })
  asOf!: Date

  @Field(() => RecomputationStatusEnum, { description: 'How far it is.' })
  @Property({ type: 'text' })
  status!: RecomputationStatus

  @Field(() => DateTimeScalar, { description: 'When it was asked for.' })
  @Property({ type: 'datetime', columnType: 'timestamptz' })
  requestedAt!: Date

  @Field(() => String, { description: 'Who asked for it first: `key:N`, `member:N` or `system`.' })
  @Property({ type: 'text' })
  requestedBy!: string

  @Field(() => DateTimeScalar, { nullable: true, description: 'When its turn came; null while it is queued.' })
  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  startedAt?: Date | null

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it succeeded or failed; null until then.' })
  @Property({ type: 'datetime', columnType: 'timestamptz', nullable: true })
  finishedAt?: Date | null

  /** How often its turn has come: again after a fault, or when a process ended meanwhile. */
  @Property({ type: 'integer' })
  attempts: Opt<number> = 0

  @Property({ type: 'text', nullable: true })
  failureCode?: ErrorCode | null

  @Property({ type: 'text', nullable: true })
  failureMessage?: string | null

  @Field(() => String, {
    nullable: true,
    description: 'Version of the engine that computed the results; null unless it succeeded.',
  })
  @Property({ type: 'text', nullable: true })
  engineVersion?: string | null

  /** Exact JSON; large, and read only where it is shown. */
  @Property({ type: 'text', nullable: true, lazy: true })
  results?: string | null

  get nodeId(): Opt<string> {
    return toGlobalId('ResultsRecomputation', this.id)
  }
}
