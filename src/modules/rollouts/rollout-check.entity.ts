import type { Opt, Ref } from '@mikro-orm/core'
import { Entity, ManyToOne, Property, Unique } from '@mikro-orm/decorators/legacy'
import { Field, Float, Int, ObjectType } from 'type-graphql'
import { TrackedEntity } from '../../shared/tracked.entity.ts'
import { Metric } from '../metrics/metric.entity.ts'
import type { FailureAction, HealthComparison, HealthSignal } from './health-check.ts'
import { Rollout } from './rollout.entity.ts'
import { FailureActionEnum, HealthComparisonEnum, HealthSignalEnum } from './rollout.enums.ts'

@Entity()
@Unique({ properties: ['organizationId', 'rollout', 'key'] })
@ObjectType('RolloutHealthCheck', { description: 'What must stay healthy while a rollout ramps.' })
export class RolloutCheck extends TrackedEntity {
  @ManyToOne({ entity: () => Rollout, createForeignKeyConstraint: false, ref: true })
  rollout!: Ref<Rollout>

  @Field(() => String, { description: 'Unique in the rollout.' })
  @Property({ type: 'text' })
  key!: string

  @Field(() => HealthSignalEnum, { description: 'What it looks at.' })
  @Property({ type: 'text' })
  signal!: HealthSignal

  @Field(() => HealthComparisonEnum, { description: 'What it holds the signal against.' })
  @Property({ type: 'text' })
  comparison!: HealthComparison

  @Field(() => Boolean, {
    description:
      'Which way is bad: up, or down; for a metric by its definition, that of the start once it has started.',
  })
  @Property({ type: 'boolean' })
  isHigherWorse!: boolean

  @Field(() => Float, {
    description:
      "For THRESHOLD the worst healthy value, for CONTROL how much worse than the control is tolerated; in the signal's unit.",
  })
  @Property({ type: 'double', fieldName: 'limit_value' })
  limit!: number

  @Field(() => Float, {
    nullable: true,
    description: 'Share of requests that must be within the latency limit, such as 0.95; null: the mean is looked at.',
  })
  @Property({ type: 'double', nullable: true })
  quantile?: number | null

  @Field(() => Int, { description: 'Requests, scores or units per arm before a stage may advance.' })
  @Property({ type: 'integer' })
  minimumSample!: number

  @Field(() => FailureActionEnum, { description: 'What happens when it fails.' })
  @Property({ type: 'text' })
  onFailure!: FailureAction

  @ManyToOne({ entity: () => Metric, createForeignKeyConstraint: false, ref: true, nullable: true })
  metric?: Ref<Metric> | null

  @Field(() => Int, {
    nullable: true,
    description: 'Version of the metric, kept from the start on; null in a draft and for other signals.',
  })
  @Property({ type: 'integer', nullable: true })
  metricVersion?: number | null

  @Property({ type: 'integer' })
  position: Opt<number> = 0
}
