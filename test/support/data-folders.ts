import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { embeddedPaths } from '../../src/database/embedded-paths.ts'
import { databaseUser } from '../../src/database/embedded-user.ts'

/** Folders for embedded databases, removed at the end with whatever was put elsewhere for them. */
export class DataFolders {
  readonly #made: string[] = []

  /** A folder that does not exist yet, in one that everybody, or only its owner, may enter. */
  make({ isPrivate = false, name = 'data' } = {}): string {
    const parent = mkdtempSync(join(tmpdir(), 'assay-data-'))
    chmodSync(parent, isPrivate ? 0o700 : 0o755)
    const folder = join(parent, name)
    this.#made.push(folder)
    return folder
  }

  async removeAll(): Promise<void> {
    for (const folder of this.#made) {
      const paths = await embeddedPaths(folder, databaseUser()).catch(() => null)
      const elsewhere = paths ? [dirname(paths.data), paths.socket] : []
      for (const used of [dirname(folder), ...elsewhere]) rmSync(used, { recursive: true, force: true })
    }
  }
}

/** Process id of the postmaster of a cluster, as it has noted it. */
export function postmasterOf(data: string): number {
  return Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0])
}
