import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from '../database/connect.ts'
import { SECRET_KEY_BYTES } from '../shared/secret-box.ts'
import { StartupError } from '../shared/startup-error.ts'

const FILE = 'secret.key'

/** The key that seals secrets where the operator has set none: made once beside the embedded database; a served one has none. */
export function keptKey({ folder }: Pick<Database, 'folder'>): Buffer | null {
  if (folder === null) return null
  const file = join(folder, FILE)
  try {
    writeFileSync(file, `${randomBytes(SECRET_KEY_BYTES).toString('base64')}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const key = Buffer.from(readFileSync(file, 'utf8'), 'base64')
  if (key.length !== SECRET_KEY_BYTES)
    throw new StartupError(`${file} does not hold ${SECRET_KEY_BYTES} bytes in base64.`)
  return key
}
