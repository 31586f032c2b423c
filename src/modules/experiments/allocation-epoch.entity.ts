import type { Ref } from '@mikro-orm/core'
import { Entity, ManyToOne, Property, Unique } from '@mikro-orm/decorators/legacy'
import { Field, Int, ObjectType } from 'type-graphql'
import { DateTimeScalar, JsonObjectScalar } from '../../shared/scalars.ts'
import { TrackedEntity } from '../../shared/tracked.entity.ts'
import { Experiment } from './experiment.entity.ts'

/** Basis points by variant id. */
export type WeightsByVariant = Record<string, number>

@Entity()
@Unique({ properties: ['organizationId', 'experiment', 'number'] })
@ObjectType({
  description:
    'A period in which weights, traffic and targeting stood still; effects are computed per epoch and combined.',
})
export class AllocationEpoch extends TrackedEntity {
  @ManyToOne({ entity: () => Experiment, createForeignKeyConstraint: false, ref: true })
  experiment!: Ref<Experiment>

  @Field(() => Int, { description: 'From 1, in the order of time.' })
  @Property({ type: 'integer' })
  number!: number

  @Field(() => DateTimeScalar, { description: 'When it began; it ends where the next one begins.' })
  @Property({ type: 'datetime', columnType: 'timestamptz' })
  startedAt!: Date

  @Property({ type: 'json' })
  weights!: WeightsByVariant

  @Field(() => Int, { description: 'Share of units enrolled, in basis points.' })
  @Property({ type: 'integer' })
  trafficBasisPoints!: number

  @Field(() => JsonObjectScalar, { nullable: true, description: 'Who was enrolled; null: everyone.' })
  @Property({ type: 'json', nullable: true })
  targeting?: Record<string, unknown> | null
}
