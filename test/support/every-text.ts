import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isUnionType,
} from 'graphql'
import { type Operation, sample, type Values, valuesOf } from './every-operation.ts'

/** Types that take a text. */
const TEXTS = ['String', 'ID', 'JSON', 'JSONObject']

/** A text in the arguments of a field: the names that lead to it, outermost first; items of lists have none. */
export type TextPath = readonly string[]

/** Every text that the arguments of a field take, to the depth at which a type contains itself. */
export function textsOf({ args }: Pick<GraphQLField<unknown, unknown>, 'args'>, types = TEXTS): TextPath[] {
  return args.flatMap(({ name, type }) => within(type, types, [name]))
}

function within(
  input: GraphQLInputType,
  types: readonly string[],
  path: TextPath,
  outer: readonly string[] = [],
): TextPath[] {
  const type = getNamedType(input)
  if (!isInputObjectType(type)) return types.includes(type.name) ? [path] : []
  if (outer.includes(type.name)) return []
  const fields = Object.values(type.getFields())
  return fields.flatMap((field) => within(field.type, types, [...path, field.name], [...outer, type.name]))
}

/** Arguments of the right types, as small as can be, with a text put in one place. */
export function argumentsWith(
  { args }: Pick<GraphQLField<unknown, unknown>, 'args'>,
  values: Values,
  [first, ...rest]: TextPath,
  text: string,
): Record<string, unknown> {
  const used = args.filter((arg) => arg.name === first || isNonNullType(arg.type))
  return Object.fromEntries(
    used.map(({ name, type }) => [
      name,
      name === first ? put(name, type, values, rest, text) : sample(name, type, values),
    ]),
  )
}

function put(name: string, input: GraphQLInputType, values: Values, path: TextPath, text: string): unknown {
  const type = getNullableType(input)
  if (isListType(type)) return [put(name, type.ofType, values, path, text)]
  if (!isInputObjectType(type)) return type.toString() === 'JSONObject' ? { [text]: 1 } : text
  const [first, ...rest] = path
  const required = Object.values(type.getFields()).filter((field) => isNonNullType(field.type))
  return {
    ...Object.fromEntries(required.map((field) => [field.name, sample(field.name, field.type, values)])),
    [first!]: put(first!, type.getFields()[first!]!.type, values, rest, text),
  }
}

/**
 * Every operation of the schema, once for each text that it takes, with the text put there.
 * @param types - of the places that it is put in; all that take any text unless told
 */
export function everyText(
  schema: GraphQLSchema,
  values: Values,
  text: string,
  types = TEXTS,
): Array<Operation & { path: TextPath }> {
  const roots = [
    ['query', schema.getQueryType()!],
    ['mutation', schema.getMutationType()!],
    ['subscription', schema.getSubscriptionType()!],
  ] as const
  return roots.flatMap(([kind, type]) =>
    Object.values(type.getFields()).flatMap((field) =>
      textsOf(field, types).map((path) => {
        const variables = argumentsWith(field, valuesOf(field.name, values), path, text)
        const used = field.args.filter(({ name }) => name in variables)
        const list = (show: (arg: GraphQLArgument) => string) => used.map(show).join(', ')
        return {
          name: field.name,
          kind,
          path,
          description: field.description ?? '',
          query: `${kind} (${list(({ name, type: of }) => `$${name}: ${of}`)}) { ${field.name}(${list(({ name }) => `${name}: $${name}`)}) ${shown(field)} }`,
          variables,
        }
      }),
    ),
  )
}

function shown({ type }: GraphQLField<unknown, unknown>): string {
  const answer = getNamedType(type)
  if (isUnionType(answer)) return '{ __typename ... on Error { code message } ... on InputError { path } }'
  if (answer.name === 'Receipt') return '{ rejected { code message } }'
  return 'getFields' in answer ? '{ __typename }' : ''
}
