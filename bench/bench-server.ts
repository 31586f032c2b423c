import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { ApiClient, type Result, successOf } from '../src/cli/api-client.ts'
import { openEmbedded } from '../src/database/embedded-postgres.ts'
import { createOrganization, type NewOrganization } from '../src/modules/organizations/organization.service.ts'
import { Platform } from '../src/server/platform.ts'

export interface BenchServer {
  url: string
  keys: NewOrganization
  admin: ApiClient
  /** How the owner of the tables connects to the database. */
  owner: Awaited<ReturnType<typeof openEmbedded>>['connection']
  stop(): Promise<void>
}

/** A server as `npm start` runs it, in a process of its own, on a new embedded database. */
export async function startBenchServer(): Promise<BenchServer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'assay-bench-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/graphql`
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts'], {
    env: {
      ...process.env,
      NODE_ENV: 'production',
      PORT: String(port),
      ASSAY_DATA_DIR: dataDir,
      DATABASE_URL: '',
      ASSAY_LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  await untilHealthy(url, child)
  const database = await openEmbedded({ dataDir, mode: 'borrow' })
  const keys = await bootstrap(database.connection)
  return {
    url,
    keys,
    admin: new ApiClient({ url, apiKey: keys.adminKey }),
    owner: database.connection,
    stop: async () => {
      await database.close()
      child.kill('SIGTERM')
      await once(child, 'exit')
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

async function bootstrap(owner: BenchServer['owner']): Promise<NewOrganization> {
  const platform = await Platform.open({
    connection: { ...owner, options: '-c role=assay_app' },
    log: pino({ level: 'silent' }),
    poolSize: 4,
  })
  return createOrganization((id) => platform.scopedTo(id), platform.clock, { key: 'bench' }).finally(() =>
    platform.close(),
  )
}

async function untilHealthy(url: string, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}.`)
    const isUp = await fetch(url.replace('/graphql', '/health')).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isUp) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => resolve(port))
    })
  })
}

const CREATE_METRIC = `mutation ($input: CreateMetricInput!) { createMetric(input: $input) { __typename ... on Error { code message } } }`
const CREATE_EXPERIMENT = `mutation ($input: CreateExperimentInput!) { createExperiment(input: $input) { __typename ... on Error { code message } } }`
const START_EXPERIMENT = `mutation ($input: StartExperimentInput!) { startExperiment(input: $input) { __typename ... on Error { code message } } }`

/** A running experiment of two equal variants with one metric, the sum of the values of its own event. */
export async function startExperiment({ admin }: BenchServer, key: string, eventName: string): Promise<void> {
  const run = async (query: string, input: object) =>
    successOf(Object.values(await admin.call<Record<string, Result<object>>>(query, { input }))[0]!)
  await run(CREATE_METRIC, { key, name: key, kind: 'MEAN', eventName })
  await run(CREATE_EXPERIMENT, {
    key,
    name: key,
    variants: [
      { key: 'control', isControl: true, weightBasisPoints: 5_000 },
      { key: 'treatment', weightBasisPoints: 5_000 },
    ],
    metrics: [{ metricKey: key, role: 'PRIMARY' }],
  })
  await run(START_EXPERIMENT, { experimentKey: key })
}
