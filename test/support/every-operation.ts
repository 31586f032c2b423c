import {
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'

export interface Operation {
  name: string
  kind: 'query' | 'mutation' | 'subscription'
  description: string
  query: string
  variables: Record<string, unknown>
}

/** By name of the argument or input field, or by `operation.name`, which goes first: what to put there. */
export type Values = Readonly<Record<string, unknown>>

/** Deep enough for what objects are made of, and within the limits that the server sets to documents. */
const DEPTH = 4

/**
 * Every operation of the schema with arguments of the right types: those that `values` name as it says, the other required
 * ones with a sample. An argument of type ID that `values` does not name is an error, so that nothing is forgotten.
 */
export function everyOperation(schema: GraphQLSchema, values: Values): Operation[] {
  const roots = [
    ['query', schema.getQueryType()!],
    ['mutation', schema.getMutationType()!],
    ['subscription', schema.getSubscriptionType()!],
  ] as const
  return roots.flatMap(([kind, type]) =>
    Object.values(type.getFields()).map((field) => {
      const named = valuesOf(field.name, values)
      const used = field.args.filter(
        (arg) => (arg.name in named && named[arg.name] !== null) || isNonNullType(arg.type),
      )
      const declared = used.map((arg) => `$${arg.name}: ${arg.type}`).join(', ')
      const passed = used.map((arg) => `${arg.name}: $${arg.name}`).join(', ')
      const call = used.length > 0 ? `${field.name}(${passed})` : field.name
      return {
        name: field.name,
        kind,
        description: field.description ?? '',
        query: `${kind} ${declared ? `(${declared})` : ''} { ${call} ${selection(schema, field.type, DEPTH)} }`,
        variables: Object.fromEntries(used.map((arg) => [arg.name, sample(arg.name, arg.type, named)])),
      }
    }),
  )
}

/** The values as one operation takes them: those that name it go first. */
export function valuesOf(operation: string, values: Values): Values {
  const own = Object.entries(values).filter(([name]) => name.startsWith(`${operation}.`))
  return { ...values, ...Object.fromEntries(own.map(([name, value]) => [name.slice(operation.length + 1), value])) }
}

/**
 * Everything that can be selected without arguments, to a depth.
 * @param edges - names of types of which only the values are selected
 */
export function selection(
  schema: GraphQLSchema,
  output: GraphQLOutputType,
  depth: number,
  edges: readonly string[] = [],
): string {
  const type = getNamedType(output)
  if (isLeafType(type)) return ''
  if (isObjectType(type)) return fields(schema, type, edges.includes(type.name) ? 1 : depth, [type], edges)
  if (!isAbstractType(type)) return ''
  const members = schema.getPossibleTypes(type)
  return `{ __typename ${members.map((member) => `... on ${member.name} ${fields(schema, member, depth, members)}`).join(' ')} }`
}

/** @param siblings - the types that may stand in the same place; a name to which they give different types needs an alias */
function fields(
  schema: GraphQLSchema,
  type: GraphQLObjectType,
  depth: number,
  siblings: readonly GraphQLObjectType[],
  edges: readonly string[] = [],
): string {
  const selected = Object.values(type.getFields())
    .filter((field) => field.args.every((arg) => !isNonNullType(arg.type)))
    .filter((field) => isLeafType(getNamedType(field.type)) || depth > 1)
    .map((field) => {
      const types = new Set(siblings.flatMap((sibling) => sibling.getFields()[field.name]?.type.toString() ?? []))
      const alias = types.size > 1 ? `${type.name}_${field.name}: ` : ''
      return `${alias}${field.name} ${selection(schema, field.type, depth - 1, edges)}`
    })
  return `{ __typename ${selected.join(' ')} }`
}

/** A value of the right type. */
export function sample(name: string, input: GraphQLInputType, values: Values): unknown {
  if (name in values) return isListType(getNullableType(input)) ? [values[name]].flat() : values[name]
  const type = getNullableType(input)
  if (isListType(type)) return [sample(name, type.ofType, values)]
  if (isInputObjectType(type)) {
    return Object.fromEntries(
      Object.values(type.getFields())
        .filter((field) => field.name in values || isNonNullType(field.type))
        .map((field) => [field.name, sample(field.name, field.type, values)]),
    )
  }
  if (isEnumType(type)) return type.getValues()[0]!.name
  if (type.name === 'ID')
    throw new Error(`The values name no ${name}; say which id of the other organization goes there.`)
  const samples: Record<string, unknown> = {
    String: `${name}-of-b`,
    Int: 1,
    Float: 1,
    Boolean: false,
    JSON: 1,
    JSONObject: {},
    DateTime: new Date().toISOString(),
  }
  if (!(type.name in samples)) throw new Error(`There is no sample of the type ${type.name}.`)
  return samples[type.name]
}
