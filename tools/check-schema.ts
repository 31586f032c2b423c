/** Fails when schema.graphql differs from the schema that the code builds, or when something in it has no description. */
import { readFileSync } from 'node:fs'
import {
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql'
import { createSchema } from '../src/server/schema.ts'
import { SCHEMA_FILE, schemaText } from './schema-text.ts'

interface Described {
  name: string
  description?: string | null
}

const schema = createSchema()
const problems = Object.values(schema.getTypeMap())
  .filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type))
  .flatMap((type) => [
    ...(isRoot(type) ? [] : undescribed('', type)),
    ...membersOf(type).flatMap((member) => undescribed(`${type.name}.`, member)),
  ])
if (readFileSync(SCHEMA_FILE, 'utf8') !== schemaText(schema)) {
  problems.push(
    'schema.graphql is not the schema that the code builds; run `npm run schema` and look at the difference.',
  )
}
for (const problem of problems) console.error(problem)
process.exitCode = problems.length > 0 ? 1 : 0

function isRoot(type: GraphQLNamedType): boolean {
  return type === schema.getQueryType() || type === schema.getMutationType() || type === schema.getSubscriptionType()
}

function membersOf(type: GraphQLNamedType): Described[] {
  if (isEnumType(type)) return [...type.getValues()]
  if (isInputObjectType(type)) return Object.values(type.getFields())
  if (!isObjectType(type) && !isInterfaceType(type)) return []
  return Object.values(type.getFields()).flatMap((field) => [
    field,
    ...field.args.map((arg) => ({ name: `${field.name}(${arg.name})`, description: arg.description })),
  ])
}

function undescribed(prefix: string, { name, description }: Described): string[] {
  return description ? [] : [`${prefix}${name} has no description.`]
}
