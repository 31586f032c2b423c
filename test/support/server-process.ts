import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { Connection } from './global-setup.ts'

/** A busy machine takes most of a minute; below the time limit of a test, so that a failure shows what the server said. */
const READY_WITHIN_MS = 50_000

/** `npm start` as a process of its own, which may be killed. */
export class ServerProcess {
  readonly url: string
  readonly #env: NodeJS.ProcessEnv
  #child: ChildProcess | null = null
  #output = ''

  private constructor(port: number, env: NodeJS.ProcessEnv) {
    this.url = `http://127.0.0.1:${port}/graphql`
    this.#env = { PATH: process.env.PATH, HOME: process.env.HOME, PORT: String(port), ASSAY_LOG_LEVEL: 'error', ...env }
  }

  /** @param env - settings beside the port, which is a free one */
  static async on(env: NodeJS.ProcessEnv): Promise<ServerProcess> {
    return new ServerProcess(await freePort(), env)
  }

  get output(): string {
    return this.#output
  }

  /** Starts it; resolves once it answers. */
  async start(): Promise<void> {
    this.#output = ''
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts'], {
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.on('data', (chunk: Buffer) => {
        this.#output += chunk
      })
    }
    const deadline = Date.now() + READY_WITHIN_MS
    while (!(await this.#answers())) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(`The server did not start: ${this.#output}`)
      await pause(50)
    }
  }

  /** Starts it, expecting that it refuses to run. @returns what it said, and its exit code */
  async startRefused(): Promise<{ code: number | null; output: string }> {
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts'], { env: this.#env })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk
      })
    }
    const [code] = await once(child, 'close')
    return { code, output }
  }

  /**
   * Ends it by a signal and waits until it is gone, however slow the machine is: the server itself gives up a stop that hangs.
   * @returns its exit code, or the signal that ended it, which may be another; null when it was never started
   */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | NodeJS.Signals | null> {
    const child = this.#child
    if (child && child.exitCode === null && child.signalCode === null) {
      child.kill(signal)
      await once(child, 'close')
    }
    return child && (child.exitCode ?? child.signalCode)
  }

  async #answers(): Promise<boolean> {
    return fetch(this.url.replace('/graphql', '/health')).then(
      ({ ok }) => ok,
      () => false,
    )
  }
}

export function databaseUrl({ host, port, user, password, database }: Connection): string {
  const login = `${encodeURIComponent(user ?? '')}${password ? `:${encodeURIComponent(String(password))}` : ''}`
  return host?.startsWith('/')
    ? `postgres://${login}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`
    : `postgres://${login}@${host}:${port}/${database}`
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  await once(probe, 'close')
  return port
}
