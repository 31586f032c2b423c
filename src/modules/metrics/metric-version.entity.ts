import type { Ref } from '@mikro-orm/core'
import { Entity, ManyToOne, Property, Unique } from '@mikro-orm/decorators/legacy'
import { Field, Int, ObjectType } from 'type-graphql'
import { TrackedEntity } from '../../shared/tracked.entity.ts'
import { Metric } from './metric.entity.ts'
import type { MetricDefinition } from './metric-definition.ts'

/** One version of a metric's definition. Rows are only ever added: an experiment keeps the version it started with. */
@Entity()
@Unique({ properties: ['organizationId', 'metric', 'version'] })
@ObjectType({ description: "One version of a metric's definition; it never changes." })
export class MetricVersion extends TrackedEntity {
  @ManyToOne({ entity: () => Metric, createForeignKeyConstraint: false, ref: true })
  metric!: Ref<Metric>

  @Field(() => Int, { description: 'From 1, in the order of time.' })
  @Property({ type: 'integer' })
  version!: number

  @Property({ type: 'json' })
  definition!: MetricDefinition
}
