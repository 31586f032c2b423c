import { type ClassType, createParameterDecorator, type MiddlewareFn, UseMiddleware } from 'type-graphql'

/**
 * The argument `input` as GraphQL has checked it: a batch of thousands would be slowed by an instance of a class for each
 * item, which type-graphql makes of every argument that it finds.
 */
export function PlainInput(type: ClassType, description: string): ParameterDecorator {
  const declare = createParameterDecorator(({ args }) => args[PLAIN], {
    arg: { name: 'input', typeFunc: () => type, options: { description } },
  })
  return (resolver, operation, index) => {
    declare(resolver, operation!, index)
    UseMiddleware(hideInput)(resolver, operation!)
  }
}

const PLAIN = 'plainInput'

const hideInput: MiddlewareFn = (data, next) => {
  data.args = { [PLAIN]: data.args.input }
  return next()
}
