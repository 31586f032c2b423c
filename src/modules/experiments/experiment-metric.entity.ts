import type { Opt, Ref } from '@mikro-orm/core'
import { Entity, ManyToOne, Property, Unique } from '@mikro-orm/decorators/legacy'
import { Field, Int, ObjectType } from 'type-graphql'
import { TrackedEntity } from '../../shared/tracked.entity.ts'
import { Metric } from '../metrics/metric.entity.ts'
import { Experiment } from './experiment.entity.ts'
import { type MetricRole, MetricRoleEnum } from './experiment.enums.ts'
import type { NonInferiorityMargin } from './non-inferiority-margin.ts'
import { NonInferiorityMarginType } from './non-inferiority-margin.type.ts'

@Entity()
@Unique({ properties: ['organizationId', 'experiment', 'metric'] })
@ObjectType({ description: 'A metric in its role for one experiment.' })
export class ExperimentMetric extends TrackedEntity {
  @ManyToOne({ entity: () => Experiment, createForeignKeyConstraint: false, ref: true })
  experiment!: Ref<Experiment>

  @ManyToOne({ entity: () => Metric, createForeignKeyConstraint: false, ref: true })
  metric!: Ref<Metric>

  @Field(() => MetricRoleEnum, { description: 'What it is for.' })
  @Property({ type: 'text' })
  role!: MetricRole

  @Field(() => NonInferiorityMarginType, {
    nullable: true,
    description:
      'How much worse a treatment may be on it, kept from the start on: results say whether it is shown to be, or not to be; null: nothing is said about it.',
  })
  @Property({ type: 'json', nullable: true })
  nonInferiorityMargin?: NonInferiorityMargin | null

  @Field(() => Int, {
    nullable: true,
    description: 'Version of the definition, kept from the start on; null in a draft, which follows the newest.',
  })
  @Property({ type: 'integer', nullable: true })
  metricVersion?: number | null

  @Property({ type: 'integer' })
  position: Opt<number> = 0
}
