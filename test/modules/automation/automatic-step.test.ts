import { describe, expect, test } from 'vitest'
import { type AutomationState, automaticStep } from '../../../src/modules/automation/automatic-step.ts'
import { DEFAULT_AUTOMATION } from '../../../src/modules/experiments/experiment-automation.ts'
import type { Decision } from '../../../src/modules/results/decision.ts'

const START = new Date('2026-03-01T00:00:00Z')
const hour = (count: number) => new Date(START.getTime() + count * 3_600_000)

const KEEP: Decision = {
  recommendation: 'KEEP_RUNNING',
  winner: null,
  reasons: [{ code: 'NOT_SIGNIFICANT', message: 'Nothing shown.' }],
}
const SHIP: Decision = {
  recommendation: 'SHIP',
  winner: { id: 2, key: 'b', isControl: false },
  reasons: [{ code: 'BETTER_THAN_CONTROL', message: 'b is better.' }],
}
const ROLL_BACK: Decision = {
  recommendation: 'ROLL_BACK',
  winner: null,
  reasons: [{ code: 'WORSE_THAN_CONTROL', message: 'b is worse.' }],
}
const MISMATCH: Decision = {
  recommendation: 'HOLD',
  winner: null,
  reasons: [{ code: 'SAMPLE_RATIO_MISMATCH', message: 'Units are missing.' }],
}
const NO_WINNER: Decision = {
  recommendation: 'HOLD',
  winner: null,
  reasons: [{ code: 'PLANNED_SAMPLE_REACHED', message: 'It has run its course.' }],
}

function state(given: Partial<AutomationState> & { onVerdict?: 'NOTHING' | 'PAUSE' | 'COMPLETE' } = {}) {
  const { onVerdict = 'NOTHING', ...rest } = given
  return {
    status: 'RUNNING',
    startedAt: START,
    scheduledStartAt: null,
    scheduledEndAt: null,
    automation: { ...DEFAULT_AUTOMATION, onVerdict, minimumRunHours: 48 },
    controlKey: 'a',
    decision: KEEP,
    worseGuardrails: [],
    actedOn: [],
    ...rest,
  } satisfies AutomationState
}

describe('what an experiment does by itself', () => {
  test('a draft starts when its time has come, and not before', () => {
    const draft = state({ status: 'DRAFT', startedAt: null, decision: null, scheduledStartAt: hour(5) })
    expect(automaticStep(draft, new Date(hour(5).getTime() - 1))).toBeNull()
    expect(automaticStep(draft, hour(5))).toMatchObject({ step: 'start' })
    expect(automaticStep({ ...draft, scheduledStartAt: null }, hour(500))).toBeNull()
  })

  test.each([
    ['KEEP_RUNNING', KEEP, null],
    ['SHIP', SHIP, 'b'],
    ['ROLL_BACK', ROLL_BACK, 'a'],
    ['HOLD', MISMATCH, null],
  ])('it ends at its time, with what the results advise: %s', (_name, decision, winnerKey) => {
    for (const status of ['RUNNING', 'PAUSED'] as const) {
      const ending = state({ status, decision, scheduledEndAt: hour(10) })
      expect(automaticStep(ending, hour(9))).toBeNull()
      const rests = winnerKey === null ? [] : decision.reasons
      expect(automaticStep(ending, hour(10))).toMatchObject({
        step: 'complete',
        winnerKey,
        reasons: [{ code: 'SCHEDULED_END' }, ...rests],
      })
    }
  })

  test.each([
    ['KEEP_RUNNING', KEEP, null],
    ['HOLD for a mismatch', MISMATCH, null],
    ['SHIP', SHIP, { step: 'complete', winnerKey: 'b' }],
    ['ROLL_BACK', ROLL_BACK, { step: 'complete', winnerKey: 'a' }],
    ['HOLD at the end of the plan', NO_WINNER, { step: 'complete', winnerKey: null }],
  ])('it stops at a verdict after the minimum run time, and only then: %s', (_name, decision, expected) => {
    const running = state({ decision, onVerdict: 'COMPLETE' })
    expect(automaticStep(running, new Date(hour(48).getTime() - 1))).toBeNull()
    const step = automaticStep(running, hour(48))
    if (expected) expect(step).toMatchObject(expected)
    else expect(step).toBeNull()
  })

  test('a verdict may pause it, once; another verdict pauses it again', () => {
    const running = state({ decision: SHIP, onVerdict: 'PAUSE' })
    const step = automaticStep(running, hour(48))!
    expect(step).toMatchObject({
      step: 'pause',
      reason: expect.stringContaining('b is better.'),
      reasons: SHIP.reasons,
    })
    expect(automaticStep({ ...running, status: 'PAUSED' }, hour(49))).toBeNull()
    expect(automaticStep({ ...running, actedOn: [step.cause] }, hour(49))).toBeNull()
    expect(automaticStep({ ...running, actedOn: [step.cause], decision: ROLL_BACK }, hour(49))).toMatchObject({
      step: 'pause',
    })
  })

  test('nothing happens at a verdict unless asked for', () => {
    expect(automaticStep(state({ decision: SHIP }), hour(1_000))).toBeNull()
  })

  test('a worse guardrail pauses it at once, whatever the minimum run time; once for each', () => {
    const worseGuardrails = [{ cause: 'latency:b', message: 'b is slower.' }]
    const running = state({ worseGuardrails, decision: SHIP, onVerdict: 'COMPLETE' })
    const step = automaticStep(running, hour(0))!
    const reasons = [{ code: 'GUARDRAIL_WORSE', message: 'b is slower.' }]
    expect(step).toMatchObject({ step: 'pause', reason: 'b is slower.', reasons })
    expect(automaticStep({ ...running, actedOn: [step.cause] }, hour(1))).toBeNull()
    const another = { cause: 'errors:b', message: 'b fails.' }
    const told = { ...running.automation, pausesForGuardrails: false, onVerdict: 'NOTHING' as const }
    expect(automaticStep({ ...running, automation: told }, hour(49))).toBeNull()
    const both = { ...running, worseGuardrails: [...worseGuardrails, another], actedOn: [step.cause] }
    expect(automaticStep(both, hour(1))).toMatchObject({ reason: 'b fails.' })
  })

  test.each(['COMPLETED', 'CANCELLED'] as const)('nothing happens to a %s one', (status) => {
    const ended = state({ status, decision: SHIP, onVerdict: 'COMPLETE', scheduledEndAt: hour(1) })
    expect(automaticStep(ended, hour(1_000))).toBeNull()
  })
})
