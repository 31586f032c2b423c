import { DriverException } from '@mikro-orm/core'
import type { EntityManager } from '@mikro-orm/postgresql'
import { fail, type InputPath, quoted } from '../../shared/input-rules.ts'

/** An area and a place, or a name such as UTC; offsets and POSIX rules are no IANA names. */
const NAME = /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+){0,2}$/

/**
 * A time zone that both the server and PostgreSQL know, since both count days in it. Asked outside any transaction,
 * which an unknown zone would end.
 */
export async function checkTimeZone(em: EntityManager, path: InputPath, name: string): Promise<string> {
  if (NAME.test(name) && isKnownHere(name) && (await isKnownToDatabase(em, name))) return name
  fail('TIME_ZONE_INVALID', path, `is ${quoted(name)}; it takes a name of the IANA database, such as Europe/Berlin.`)
}

function isKnownHere(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

async function isKnownToDatabase(em: EntityManager, name: string): Promise<boolean> {
  try {
    await em.fork().execute('select now() at time zone ?', [name])
    return true
  } catch (error) {
    // invalid_parameter_value
    if (error instanceof DriverException && error.code === '22023') return false
    throw error
  }
}
