import 'reflect-metadata'
import { parseArgs } from 'node:util'
import { pino } from 'pino'
import { readConfig } from '../config.ts'
import { assertReady, openDatabase } from '../database/connect.ts'
import { createOrganization } from '../modules/organizations/organization.service.ts'
import { migrate } from '../server/migrate.ts'
import { Platform } from '../server/platform.ts'
import { StartupError } from '../shared/startup-error.ts'

const USAGE = 'Usage: npm run --silent bootstrap -- --organization KEY [--name NAME] [--json]'

/** Creates an organization and its first keys, beside a running server or without one. */
async function bootstrap(): Promise<void> {
  const { values } = parseArgs({
    options: { organization: { type: 'string' }, name: { type: 'string' }, json: { type: 'boolean', default: false } },
  })
  if (!values.organization) throw new StartupError(USAGE)
  const config = readConfig(process.env)
  const database = await openDatabase(config, 'borrow')
  try {
    if (database.isEmbedded) await migrate(database.owner)
    await assertReady(database.app)
    const log = pino({ level: 'silent' })
    const platform = await Platform.open({
      connection: database.app,
      log,
      poolSize: 4,
      retentionDays: config.retentionDays,
    })
    const created = await createOrganization((id) => platform.scopedTo(id), platform.clock, {
      key: values.organization,
      name: values.name,
    }).finally(() => platform.close())
    if (values.json) console.log(JSON.stringify(created))
    else for (const [name, value] of Object.entries(created)) console.log(`${name}: ${value}`)
  } finally {
    await database.close()
  }
}

try {
  await bootstrap()
} catch (error) {
  console.error(`bootstrap: ${(error as Error).message}`)
  process.exitCode = 1
}
