import { type ClassType, createParameterDecorator } from 'type-graphql'

/** The argument `input` as GraphQL has checked it: a batch of thousands would be slowed by an instance of a class for each item. */
export function PlainInput(type: ClassType, description: string) {
  return createParameterDecorator(({ args }) => args.input, {
    arg: { name: 'input', typeFunc: () => type, options: { description } },
  })
}
