import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../../support/test-server.ts'
import { Workbench } from '../../support/workbench.ts'

let server: TestServer
let bench: Workbench
beforeAll(async () => {
  server = await startTestServer()
  bench = await Workbench.open(server)
})
afterAll(() => server.stop())

const absolute = (value: number) => ({ value, scale: 'ABSOLUTE' })
const relative = (value: number) => ({ value, scale: 'RELATIVE' })

describe('the margin of a metric', () => {
  it('is given with the metric, changed in the draft, copied by a clone, and frozen by the start', async () => {
    await bench.seed.metric({ key: 'speed', kind: 'MEAN', direction: 'DECREASE' })
    const draft = await bench.experiment('tolerant', {
      metrics: [{ key: 'signed', kind: 'PROPORTION' }],
    })
    expect(draft.metrics[0].nonInferiorityMargin).toBeNull()
    expect(draft.analysis.inWords).not.toContain('may be worse')
    const which = { experimentKey: 'tolerant', metricKey: 'speed' }
    const added = await bench.done('addExperimentMetric', {
      ...which,
      role: 'GUARDRAIL',
      nonInferiorityMargin: absolute(12.5),
    })
    expect(added.metrics[1]).toMatchObject({ role: 'GUARDRAIL', nonInferiorityMargin: absolute(12.5) })
    expect(added.analysis.inWords).toContain('worse than the control on speed by 12.5.')
    const changed = await bench.done('updateExperimentMetric', { ...which, nonInferiorityMargin: relative(0.07) })
    expect(changed.metrics[1]).toMatchObject({ role: 'GUARDRAIL', nonInferiorityMargin: relative(0.07) })
    expect(changed.analysis.inWords).toContain('on speed by 7 % of the mean of the control.')
    const kept = await bench.done('updateExperimentMetric', { ...which, role: 'SECONDARY' })
    expect(kept.metrics[1]).toMatchObject({ role: 'SECONDARY', nonInferiorityMargin: relative(0.07) })
    const clone = await bench.done('cloneExperiment', { experimentKey: 'tolerant', key: 'tolerant-2' })
    expect(clone.metrics[1].nonInferiorityMargin).toEqual(relative(0.07))
    const without = await bench.done('updateExperimentMetric', {
      experimentKey: 'tolerant-2',
      metricKey: 'speed',
      nonInferiorityMargin: null,
    })
    expect(without.metrics[1].nonInferiorityMargin).toBeNull()
    await bench.done('startExperiment', { experimentKey: 'tolerant' })
    expect(await bench.refused('updateExperimentMetric', { ...which, nonInferiorityMargin: absolute(1) })).toBe(
      'ONLY_IN_DRAFT',
    )
    expect((await bench.read('tolerant')).metrics[1].nonInferiorityMargin).toEqual(relative(0.07))
  })

  let experiments = 0
  it.each([absolute(-0.01), absolute(2e12), relative(11), relative(-1)])('is not %o', async (margin) => {
    const key = `odd-${experiments++}`
    await bench.experiment(key, { metrics: [{ key: `${key}-m`, kind: 'MEAN' }] })
    const answer = await bench.mutate('updateExperimentMetric', {
      experimentKey: key,
      metricKey: `${key}-m`,
      nonInferiorityMargin: margin,
    })
    expect(answer).toMatchObject({ code: 'BAD_USER_INPUT', path: ['nonInferiorityMargin', 'value'] })
  })
})
