import type { Ref } from '@mikro-orm/core'
import { Entity, ManyToOne, Property, Unique } from '@mikro-orm/decorators/legacy'
import { Field, ObjectType } from 'type-graphql'
import { TrackedEntity } from '../../shared/tracked.entity.ts'
import { Experiment } from './experiment.entity.ts'
import { Variant } from './variant.entity.ts'

@Entity()
@Unique({ properties: ['organizationId', 'experiment', 'unitId'] })
@ObjectType({ description: 'A unit forced into a variant, for checking by hand; never analysed.' })
export class Override extends TrackedEntity {
  @ManyToOne({ entity: () => Experiment, createForeignKeyConstraint: false, ref: true })
  experiment!: Ref<Experiment>

  @Field(() => String, { description: 'The unit, of the type that the experiment randomizes.' })
  @Property({ type: 'text' })
  unitId!: string

  @ManyToOne({ entity: () => Variant, createForeignKeyConstraint: false, ref: true })
  variant!: Ref<Variant>
}
