import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../../support/test-server.ts'
import { type MutationAnswer, Workbench } from '../../support/workbench.ts'

let server: TestServer
let bench: Workbench
beforeAll(async () => {
  server = await startTestServer()
  bench = await Workbench.open(server)
})
afterAll(() => server?.stop())

const isDone = (answer: MutationAnswer) => answer.experiment !== undefined
const isConflict = (answer: MutationAnswer) =>
  answer.__typename === 'ConflictError' && answer.code === 'VERSION_CONFLICT'

describe('expectedVersion', () => {
  test('that is stale refuses every kind of change and says the present version', async () => {
    await bench.experiment('stale', { start: true })
    const { version } = await bench.done('updateExperiment', { experimentKey: 'stale', name: 'Newer' })
    const input = { experimentKey: 'stale', expectedVersion: version - 1 }
    const changes: Array<[string, object]> = [
      ['updateExperiment', { name: 'Older' }],
      ['updateVariant', { variantKey: 'control', name: 'Older' }],
      ['updateAllocation', { trafficBasisPoints: 1 }],
      ['setOverride', { unitId: 'u', variantKey: 'control' }],
      ['pauseExperiment', {}],
      ['completeExperiment', {}],
      ['cancelExperiment', {}],
      ['deleteExperiment', {}],
      ['cloneExperiment', { key: 'stale-clone' }],
    ]
    for (const [mutation, part] of changes) {
      const answer = await bench.mutate(mutation, { ...input, ...part })
      expect([mutation, isConflict(answer), answer.currentVersion]).toEqual([mutation, true, version])
    }
    expect(await bench.read('stale')).toMatchObject({ name: 'Newer', status: 'RUNNING', version })
    expect((await bench.mutate('pauseExperiment', { ...input, expectedVersion: version })).experiment).toMatchObject({
      status: 'PAUSED',
      version: version + 1,
    })
  })
})

describe('two changes at once', () => {
  test('with the same expectedVersion: one is done, the other conflicts, nothing is lost', async () => {
    for (let round = 0; round < 10; round++) {
      const key = `pair-${round}`
      const { version } = await bench.experiment(key)
      const input = { experimentKey: key, expectedVersion: version }
      const answers = await Promise.all([
        bench.mutate('updateExperiment', { ...input, name: 'First' }),
        bench.mutate('updateExperiment', { ...input, hypothesis: 'Second' }),
      ])
      expect(answers.filter(isDone)).toHaveLength(1)
      expect(answers.filter(isConflict)).toHaveLength(1)
      const [winner] = answers.filter(isDone)
      const { name, hypothesis } = winner!.experiment
      expect(await bench.read(key)).toMatchObject({ version: version + 1, name, hypothesis })
    }
  })

  test('of different parts: each is done whole or refused as a conflict, and the version counts those done', async () => {
    const { version } = await bench.experiment('busy', { start: true })
    const input = { experimentKey: 'busy' }
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        bench.mutate('setOverride', { ...input, unitId: `unit-${index}`, variantKey: 'control' }),
      ),
    )
    const done = answers.filter(isDone)
    expect(done.length).toBeGreaterThan(0)
    expect(done.length + answers.filter(isConflict).length).toBe(12)
    const after = await bench.read('busy')
    expect(after.version).toBe(version + done.length)
    const kept = answers.flatMap((answer, index) => (isDone(answer) ? [`unit-${index}`] : []))
    expect(after.overrides.map(({ unitId }: { unitId: string }) => unitId).sort()).toEqual(kept.sort())
  })

  test('start it once', async () => {
    await bench.experiment('once')
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => bench.mutate('startExperiment', { experimentKey: 'once' })),
    )
    expect(answers.filter(isDone)).toHaveLength(1)
    for (const { code } of answers.filter((answer) => !isDone(answer))) {
      expect(['VERSION_CONFLICT', 'INVALID_TRANSITION']).toContain(code)
    }
    expect((await bench.read('once')).epochs).toHaveLength(1)
  })

  test('take a key once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => bench.mutate('createExperiment', { key: 'contested', name: 'Mine' })),
    )
    expect(answers.filter(isDone)).toHaveLength(1)
    expect(answers.filter((answer) => answer.code === 'KEY_TAKEN')).toHaveLength(5)
  })
})
