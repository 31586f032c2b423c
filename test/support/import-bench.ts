import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { promisify } from 'node:util'
import { importCommand } from '../../src/cli/import-command.ts'
import { startTestServer, type TestServer } from './test-server.ts'
import { Workbench } from './workbench.ts'

const run = promisify(execFile)
const RESULTS = `query ($key: String!) {
  experiment(key: $key) {
    status startedAt
    results {
      exposedUnits
      health { multipleVariantUnits }
      metrics {
        metric { key kind }
        variants { variant { key isControl } units total }
        comparisons { test { statistic pValue } }
      }
    }
  }
}`

interface Printed {
  code: number
  out: string
  err: string
}

/** `npm run import` against a server of its own, with files to bring in. */
export class ImportBench {
  readonly bench: Workbench
  readonly #server: TestServer
  readonly #folder = mkdtempSync(join(tmpdir(), 'assay-import-'))

  private constructor(server: TestServer, bench: Workbench) {
    this.#server = server
    this.bench = bench
  }

  static async open(): Promise<ImportBench> {
    const server = await startTestServer()
    return new ImportBench(server, await Workbench.open(server))
  }

  async close(): Promise<void> {
    rmSync(this.#folder, { recursive: true, force: true })
    await this.#server.stop()
  }

  fileOf(name: string, lines: readonly string[], end = '\n'): string {
    const file = join(this.#folder, name)
    writeFileSync(file, lines.join(end) + end)
    return file
  }

  /** What the command prints, and how it ends. */
  async importFile(...args: string[]): Promise<Printed> {
    const printed = { out: '', err: '' }
    const progress = new Writable({
      write(chunk, _encoding, done) {
        printed.err += chunk
        done()
      },
    })
    const code = await importCommand(args, this.#env(), {
      out: (line) => (printed.out += `${line}\n`),
      err: (line) => (printed.err += `${line}\n`),
      progress,
    })
    return { code, ...printed }
  }

  /** The same as a process. */
  importAsProcess(...args: string[]): Promise<Printed> {
    return run(process.execPath, ['--import', 'tsx', 'src/cli/import.ts', ...args], { env: this.#env() }).then(
      ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
      ({ code, stdout, stderr }) => ({ code, out: stdout, err: stderr }),
    )
  }

  #env(): NodeJS.ProcessEnv {
    return { ...process.env, ASSAY_URL: this.#server.url, ASSAY_API_KEY: this.bench.seed.keys.adminKey }
  }

  async results(key: string) {
    return (await this.bench.query(RESULTS, { key })).experiment
  }
}
