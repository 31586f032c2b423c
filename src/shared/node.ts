import { Field, ID, InterfaceType } from 'type-graphql'

@InterfaceType({
  description: 'An object with an id that is unique over all types (Relay Global Object Identification).',
  resolveType: (value: object) => value.constructor.name,
})
export abstract class Node {
  @Field(() => ID, { name: 'id', description: 'Opaque and stable.' })
  readonly nodeId!: string
}
