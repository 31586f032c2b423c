import { describe, expect, it } from 'vitest'
import type { ArmSummary } from '../../../src/modules/rollouts/arm-summary.ts'
import { type AssessmentContext, assessCheck } from '../../../src/modules/rollouts/assess-check.ts'
import type { HealthRule } from '../../../src/modules/rollouts/health-check.ts'
import { alphaOfWindow, verdictOf } from '../../../src/modules/rollouts/health-verdict.ts'

const NOW = new Date('2026-03-01T12:00:00Z')
const CONTEXT: AssessmentContext = { alpha: 0.01, now: NOW, isEverybody: false, maximumSampleAgeSeconds: 300 }
const ERRORS: HealthRule = {
  signal: 'ERROR_RATE',
  comparison: 'THRESHOLD',
  isHigherWorse: true,
  limit: 0.05,
  quantile: null,
  minimumSample: 1_000,
  onFailure: 'ROLL_BACK',
}
const AGAINST: HealthRule = { ...ERRORS, comparison: 'CONTROL', limit: 0 }
const LATENCY: HealthRule = { ...ERRORS, signal: 'LATENCY', limit: 200 }
const QUALITY: HealthRule = { ...ERRORS, signal: 'QUALITY', limit: 0.75, isHigherWorse: false }

const rate = (units: number, conversions: number): ArmSummary => ({ kind: 'RATE', units, conversions })
const mean = (count: number, value: number, variance: number): ArmSummary => ({
  kind: 'MEAN',
  count,
  sum: count * value,
  sumOfSquares: count * (variance + value * value),
})
const assess = (
  rule: HealthRule,
  treatment: ArmSummary | null,
  control: ArmSummary | null = null,
  context: Partial<AssessmentContext> = {},
) => assessCheck(rule, { treatment, control, newestAt: NOW }, { ...CONTEXT, ...context })

describe('a threshold', () => {
  it('fails when the bound lies beyond it, and not while the estimate alone does', () => {
    expect(assess(ERRORS, rate(2_000, 40))).toMatchObject({ status: 'PASSED', treatmentEstimate: 0.02 })
    expect(assess(ERRORS, rate(2_000, 110))).toMatchObject({ status: 'BEYOND_LIMIT', treatmentEstimate: 0.055 })
    const failed = assess(ERRORS, rate(2_000, 160))
    expect(failed.status).toBe('FAILED')
    expect(failed.bound).toBeGreaterThan(0.05)
    expect(failed.bound).toBeLessThan(0.08)
  })

  it('fails on a handful of requests when all of them fail', () => {
    expect(assess(ERRORS, rate(5, 5)).status).toBe('FAILED')
    expect(assess(ERRORS, rate(1, 1)).status).toBe('TOO_FEW_SAMPLES')
  })

  it('of a quality fails downwards', () => {
    expect(assess(QUALITY, mean(2_000, 0.9, 0.09)).status).toBe('PASSED')
    expect(assess(QUALITY, mean(2_000, 0.6, 0.24))).toMatchObject({ status: 'FAILED' })
    expect(assess({ ...QUALITY, signal: 'METRIC' }, rate(2_000, 1_200))).toMatchObject({ status: 'FAILED' })
    expect(assess({ ...QUALITY, signal: 'METRIC' }, rate(2_000, 1_600)).status).toBe('PASSED')
  })

  it('of a mean waits for 100 values and takes equal ones', () => {
    expect(assess(LATENCY, mean(99, 500, 1)).status).toBe('TOO_FEW_SAMPLES')
    expect(assess(LATENCY, mean(100, 500, 0))).toMatchObject({ status: 'FAILED', treatmentEstimate: 500 })
    expect(assess(LATENCY, mean(5_000, 150, 10_000)).status).toBe('PASSED')
  })

  it('of a quantile counts the requests beyond the limit', () => {
    const slow = { ...LATENCY, quantile: 0.95 }
    expect(assess(slow, rate(2_000, 60)).status).toBe('PASSED')
    expect(assess(slow, rate(2_000, 110)).status).toBe('BEYOND_LIMIT')
    expect(assess(slow, rate(2_000, 200)).status).toBe('FAILED')
  })

  it('of a ratio is tested by the delta method', () => {
    const summary: ArmSummary = {
      kind: 'RATIO',
      count: 1_000,
      numeratorSum: 3_000,
      numeratorSumOfSquares: 11_000,
      denominatorSum: 2_000,
      denominatorSumOfSquares: 4_500,
      crossProduct: 6_200,
      isNet: false,
    }
    const rule: HealthRule = { ...ERRORS, signal: 'METRIC', limit: 1 }
    expect(assess(rule, summary)).toMatchObject({ status: 'FAILED', treatmentEstimate: 1.5 })
    expect(assess(rule, { ...summary, isNet: true })).toMatchObject({ status: 'PASSED', treatmentEstimate: 0.5 })
  })
})

describe('a comparison with the concurrent control', () => {
  it('fails when the treatment is shown worse by more than the margin', () => {
    expect(assess(AGAINST, rate(5_000, 100), rate(95_000, 1_900)).status).toBe('PASSED')
    const failed = assess(AGAINST, rate(5_000, 200), rate(95_000, 1_900))
    expect(failed).toMatchObject({ status: 'FAILED', treatmentEstimate: 0.04, controlEstimate: 0.02 })
    expect(failed.bound).toBeGreaterThan(0)
    expect(failed.bound).toBeLessThan(0.02)
    expect(assess({ ...AGAINST, limit: 0.02 }, rate(5_000, 200), rate(95_000, 1_900)).status).toBe('PASSED')
  })

  it('never fails for being better, and looks the other way where higher is better', () => {
    expect(assess(AGAINST, rate(5_000, 10), rate(95_000, 1_900)).status).toBe('PASSED')
    const quality = { ...QUALITY, comparison: 'CONTROL' as const, limit: 0 }
    expect(assess(quality, mean(2_000, 0.9, 0.09), mean(2_000, 0.7, 0.2)).status).toBe('PASSED')
    const worse = assess(quality, mean(2_000, 0.7, 0.2), mean(2_000, 0.9, 0.09))
    expect(worse.status).toBe('FAILED')
    expect(worse.bound).toBeLessThan(0)
  })

  it('of rates takes any margin up to 1, at which every difference is tolerated', () => {
    const none = rate(95_000, 0)
    const few = rate(95_000, 10)
    const most = rate(95_000, 94_990)
    const higher = (limit: number) => ({ ...AGAINST, limit })
    const lower = (limit: number) => ({ ...AGAINST, isHigherWorse: false, limit })
    expect(assess(higher(0.995), rate(5_000, 4_900), few).status).toBe('PASSED')
    expect(assess(higher(0.995), rate(5_000, 5_000), few).status).toBe('FAILED')
    expect(assess(lower(0.995), rate(5_000, 100), most).status).toBe('PASSED')
    for (const control of [none, few]) expect(assess(higher(1), rate(5_000, 5_000), control).status).toBe('PASSED')
    for (const control of [most, rate(95_000, 95_000)]) {
      expect(assess(lower(1), rate(5_000, 0), control).status).toBe('PASSED')
    }
  })

  it('waits for a few errors, without which there is nothing to compare', () => {
    expect(assess(AGAINST, rate(1_000, 10), rate(1_000, 5)).bound).toBeNull()
    expect(assess(AGAINST, rate(1_000, 20), rate(1_000, 5)).bound).not.toBeNull()
  })

  it('does not apply where everybody is on the new version', () => {
    expect(assess(AGAINST, rate(5_000, 5_000), null, { isEverybody: true }).status).toBe('NOT_APPLICABLE')
  })
})

describe('no data', () => {
  it('holds: nothing at all, nothing of the control, too little, or only old samples', () => {
    expect(assess(ERRORS, null).status).toBe('NO_DATA')
    expect(assess(ERRORS, rate(0, 0)).status).toBe('NO_DATA')
    expect(assess(AGAINST, rate(5_000, 100), null).status).toBe('NO_DATA')
    expect(assess(ERRORS, rate(999, 0)).status).toBe('TOO_FEW_SAMPLES')
    expect(assess(ERRORS, rate(2_000, 0), null, { now: new Date(NOW.getTime() + 300_001) }).status).toBe('STALE')
    expect(assess(ERRORS, rate(2_000, 0), null, { now: new Date(NOW.getTime() + 300_000) }).status).toBe('PASSED')
  })

  it('does not hide a failure that is already shown', () => {
    const late = { now: new Date(NOW.getTime() + 3_600_000) }
    expect(assess(ERRORS, rate(500, 250), null, late).status).toBe('FAILED')
  })
})

describe('the error budget', () => {
  it('sums to alpha over all checks of all windows', () => {
    const windows = Array.from({ length: 10_000 }, (_, index) => 3 * alphaOfWindow(0.05, 3, index + 1))
    const spent = windows.reduce((sum, alpha) => sum + alpha, 0)
    expect(spent).toBeLessThan(0.05)
    expect(spent).toBeGreaterThan(0.0499)
  })
})

describe('the verdict', () => {
  const assessed = (status: string, onFailure: 'ROLL_BACK' | 'PAUSE' = 'PAUSE') => ({
    assessment: { ...assess(ERRORS, null), status } as ReturnType<typeof assess>,
    onFailure,
  })
  it('passes only if every check does; one failure is enough; a rollback goes before a pause', () => {
    expect(verdictOf([])).toEqual({ status: 'PASSED', action: null })
    expect(verdictOf([assessed('PASSED'), assessed('NOT_APPLICABLE')]).status).toBe('PASSED')
    for (const status of ['NO_DATA', 'STALE', 'TOO_FEW_SAMPLES', 'BEYOND_LIMIT']) {
      expect(verdictOf([assessed('PASSED'), assessed(status)]).status).toBe('HELD')
    }
    expect(verdictOf([assessed('NO_DATA'), assessed('FAILED')])).toEqual({ status: 'FAILED', action: 'PAUSE' })
    expect(verdictOf([assessed('FAILED'), assessed('FAILED', 'ROLL_BACK')]).action).toBe('ROLL_BACK')
  })
})
