import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { StartupError } from '../shared/startup-error.ts'

export interface SystemUser {
  uid: number
  gid: number
}

/** Created where root has no unprivileged user for PostgreSQL, which refuses to run as root. */
const OWN_USER = 'assay'

/** As whom PostgreSQL runs: null for the user of this process, otherwise (for root) an unprivileged one. */
export function databaseUser(): SystemUser | null {
  if (process.getuid?.() !== 0) return null
  return findUser('postgres') ?? findUser(OWN_USER) ?? createUser() ?? findUser('nobody') ?? fail()
}

function findUser(name: string): SystemUser | null {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`))
  const [, , uid, gid] = line?.split(':') ?? []
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : null
}

function createUser(): SystemUser | null {
  try {
    execFileSync(
      'useradd',
      ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', OWN_USER],
      {
        stdio: 'ignore',
      },
    )
  } catch {
    return null
  }
  return findUser(OWN_USER)
}

function fail(): never {
  throw new StartupError(
    'PostgreSQL does not run as root, and there is no unprivileged user to run it as; create one named postgres.',
  )
}

/** Whether a user may enter a folder, or the nearest one above it that exists. */
export function canReach(user: SystemUser, folder: string): boolean {
  for (let path = folder; ; path = dirname(path)) {
    const found = statSync(path, { throwIfNoEntry: false })
    if (found) {
      const { mode, uid, gid } = found
      const enter = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001
      if ((mode & enter) === 0) return false
    }
    if (path === dirname(path)) return true
  }
}
