import type { EntityManager } from '@mikro-orm/postgresql'
import { fail, type InputPath, quoted } from '../../shared/input-rules.ts'

/** Names that are abbreviations in PostgreSQL and mean the same there. */
const PLAIN: ReadonlySet<string> = new Set(['UTC', 'GMT'])

/** An abbreviation goes before a zone of the same name, and has one offset for summer and winter. */
const FIND_ZONE = `
select name from pg_timezone_names
where name = ? and not exists (select from pg_timezone_abbrevs where abbrev = upper(name))`

/** A time zone that is the same one to the server and to PostgreSQL, since both count days in it. */
export async function checkTimeZone(em: EntityManager, path: InputPath, name: string): Promise<string> {
  if (PLAIN.has(name) || (isKnownHere(name) && (await isKnownToDatabase(em, name)))) return name
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
  return (await em.fork().execute<unknown[]>(FIND_ZONE, [name])).length > 0
}
