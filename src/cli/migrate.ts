import 'reflect-metadata'
import { readConfig } from '../config.ts'
import { openDatabase } from '../database/connect.ts'
import { migrate } from '../server/migrate.ts'

try {
  const database = await openDatabase(readConfig(process.env), 'borrow')
  try {
    const done = await migrate(database.owner)
    console.log(done.length > 0 ? `Migrated: ${done.join(', ')}` : 'Nothing to migrate.')
  } finally {
    await database.close()
  }
} catch (error) {
  console.error(`migrate: ${(error as Error).message}`)
  process.exitCode = 1
}
