import type { Opt, Ref } from '@mikro-orm/core'
import { Entity, ManyToOne, Property, Unique } from '@mikro-orm/decorators/legacy'
import { Field, Int, ObjectType } from 'type-graphql'
import { toGlobalId } from '../../shared/global-id.ts'
import { Node } from '../../shared/node.ts'
import { JsonObjectScalar } from '../../shared/scalars.ts'
import { TrackedEntity } from '../../shared/tracked.entity.ts'
import { Experiment } from './experiment.entity.ts'

@Entity()
@Unique({ properties: ['organizationId', 'experiment', 'key'] })
@ObjectType({ implements: Node, description: 'One of the alternatives that an experiment compares.' })
export class Variant extends TrackedEntity implements Node {
  @ManyToOne({ entity: () => Experiment, createForeignKeyConstraint: false, ref: true })
  experiment!: Ref<Experiment>

  @Field(() => String, { description: 'Unique in the experiment.' })
  @Property({ type: 'text' })
  key!: string

  @Field(() => String, { description: 'Name for people.' })
  @Property({ type: 'text' })
  name!: string

  @Field(() => String, { nullable: true, description: 'What units see or get.' })
  @Property({ type: 'text', nullable: true })
  description?: string | null

  @Field(() => Boolean, { description: 'Whether the others are compared with it; one per experiment.' })
  @Property({ type: 'boolean' })
  isControl!: boolean

  @Field(() => Int, {
    description: 'Share of the enrolled units, in basis points; the variants of an experiment sum to 10,000.',
  })
  @Property({ type: 'integer' })
  weightBasisPoints!: number

  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: 'What the application reads to behave as this variant.',
  })
  @Property({ type: 'json', nullable: true })
  config?: Record<string, unknown> | null

  /** Order in the experiment, from 0; the hash reads the variants in this order. */
  @Property({ type: 'integer' })
  position: Opt<number> = 0

  get nodeId(): Opt<string> {
    return toGlobalId('Variant', this.id)
  }
}
