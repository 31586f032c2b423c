/** Writes schema.graphql: `npm run schema`. */
import { writeFileSync } from 'node:fs'
import { createSchema } from '../src/server/schema.ts'
import { SCHEMA_FILE, schemaText } from './schema-text.ts'

writeFileSync(SCHEMA_FILE, schemaText(createSchema()))
