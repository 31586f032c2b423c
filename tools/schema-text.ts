import { fileURLToPath } from 'node:url'
import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql'

export const SCHEMA_FILE = fileURLToPath(new URL('../schema.graphql', import.meta.url))

/** The schema as it is committed: sorted, so that a change shows as the lines that changed. */
export function schemaText(schema: GraphQLSchema): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`
}
