import {
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql'

export interface Operation {
  name: string
  query: string
  variables: Record<string, unknown>
}

/** By name of the argument or input field: what to put there. */
export type Values = Readonly<Record<string, unknown>>

const DEPTH = 5

/**
 * Every query and mutation of the schema with arguments of the right types: those that `values` name as it says, the other
 * required ones with a sample. An argument of type ID that `values` does not name is an error, so that nothing is forgotten.
 */
export function everyOperation(schema: GraphQLSchema, values: Values): Operation[] {
  return [['query', schema.getQueryType()!] as const, ['mutation', schema.getMutationType()!] as const].flatMap(
    ([kind, type]) =>
      Object.values(type.getFields()).map((field) => {
        const used = field.args.filter((arg) => arg.name in values || isNonNullType(arg.type))
        const declared = used.map((arg) => `$${arg.name}: ${arg.type}`).join(', ')
        const passed = used.map((arg) => `${arg.name}: $${arg.name}`).join(', ')
        const call = used.length > 0 ? `${field.name}(${passed})` : field.name
        return {
          name: field.name,
          query: `${kind} ${declared ? `(${declared})` : ''} { ${call} ${selection(schema, field.type, DEPTH)} }`,
          variables: Object.fromEntries(used.map((arg) => [arg.name, sample(arg.name, arg.type, values)])),
        }
      }),
  )
}

/** Everything that can be selected without arguments, to a depth. */
function selection(schema: GraphQLSchema, output: GraphQLOutputType, depth: number): string {
  const type = getNamedType(output)
  if (isLeafType(type)) return ''
  if (isUnionType(type) || isInterfaceType(type)) {
    const members = schema
      .getPossibleTypes(type)
      .map((member) => `... on ${member.name} ${fields(schema, member.name, depth)}`)
    return `{ __typename ${members.join(' ')} }`
  }
  return fields(schema, type.name, depth)
}

function fields(schema: GraphQLSchema, typeName: string, depth: number): string {
  const type = schema.getType(typeName)
  if (!isObjectType(type)) return ''
  const selected = Object.values(type.getFields())
    .filter((field) => field.args.every((arg) => !isNonNullType(arg.type)))
    .filter((field) => isLeafType(getNamedType(field.type)) || depth > 1)
    // An alias of its own for each type, since members of a union may give one name to different types.
    .map((field) => `${typeName}_${field.name}: ${field.name} ${selection(schema, field.type, depth - 1)}`)
  return `{ __typename ${selected.join(' ')} }`
}

function sample(name: string, input: GraphQLInputType, values: Values): unknown {
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
