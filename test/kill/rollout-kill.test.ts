import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { RolloutBench, type SeenRollout } from '../support/rollout-bench.ts'
import { databaseUrl, ServerProcess } from '../support/server-process.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

const ROLLOUTS = 15
const SHARES = [500, 2_500, 5_000, 7_500, 10_000]
const STAGE_SECONDS = 2
const KILLS = 4

let beside: TestServer
let servers: ServerProcess[] = []
beforeAll(async () => {
  beside = await startTestServer()
  const env = { DATABASE_URL: databaseUrl(beside.database.owner), ASSAY_POOL_SIZE: '8' }
  servers = [await ServerProcess.on(env), await ServerProcess.on(env)]
})
afterAll(async () => {
  await Promise.all(servers.map((server) => server.end('SIGKILL')))
  await beside?.stop()
})

test('two servers, one of them killed at random during a ramp: every stage is entered once, and audited once', async () => {
  // An organization each, so that a job which died with its server holds up one of them and not all.
  const benches: RolloutBench[] = []
  for (let index = 0; index < ROLLOUTS; index++) {
    const bench = await RolloutBench.open(beside)
    await bench.started('ramp', {
      stages: SHARES.map((shareBasisPoints) => ({ shareBasisPoints, minimumDurationSeconds: STAGE_SECONDS })),
    })
    benches.push(bench)
  }
  await Promise.all(servers.map((server) => server.start()))
  for (let kill = 0; kill < KILLS; kill++) {
    await pause(500 + Math.random() * 2_000)
    const victim = servers[kill % 2]!
    await victim.end('SIGKILL')
    await victim.start()
  }
  await expect
    .poll(async () => (await statusesOf(benches)).every((status) => status === 'COMPLETED'), {
      timeout: 150_000,
      interval: 1_000,
    })
    .toBe(true)
  for (const bench of benches) {
    const { transitions } = await bench.read('ramp')
    expect(transitions.map(({ action, shareAfter }: SeenRollout) => [action, shareAfter])).toEqual([
      ['STARTED', 500],
      ...SHARES.slice(1).map((share) => ['STAGE_ENTERED', share]),
      ['COMPLETED', 10_000],
    ])
    for (const [index, { at }] of transitions.entries()) {
      if (index === 0) continue
      const lasted = Date.parse(at) - Date.parse(transitions[index - 1].at)
      expect(lasted).toBeGreaterThanOrEqual(STAGE_SECONDS * 1_000)
    }
    const { auditLog } = await bench.query(
      '{ auditLog(first: 100, filter: { rootKey: "ramp", actor: ["system"] }) { edges { node { subjectType after } } } }',
    )
    const shares = auditLog.edges.map(({ node }: SeenRollout) => node.after.shareBasisPoints ?? node.after.status)
    expect(shares.sort()).toEqual([...SHARES.slice(1), 'COMPLETED'].sort())
  }
}, 240_000)

async function statusesOf(benches: readonly RolloutBench[]): Promise<string[]> {
  return Promise.all(benches.map(async (bench) => (await bench.read('ramp')).status))
}
