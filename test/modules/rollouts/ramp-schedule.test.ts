import { describe, expect, it } from 'vitest'
import {
  advanceRamp,
  completeRamp,
  type HealthVerdict,
  pauseRamp,
  type Ramp,
  type RampChange,
  resumeRamp,
  rollBackRamp,
  setShare,
  skipStage,
  startRamp,
} from '../../../src/modules/rollouts/ramp-schedule.ts'

const HOUR = 3_600
const PASSED: HealthVerdict = { status: 'PASSED', action: null }
const HELD: HealthVerdict = { status: 'HELD', action: null }
const BEGIN = new Date('2026-03-01T00:00:00Z')
const hoursIn = (hours: number) => new Date(BEGIN.getTime() + hours * HOUR * 1_000)

/** 5 % for 2 h, 25 % for 4 h, 50 % for 8 h, 75 % for 12 h, everybody watched for another 22 h: two days. */
const DRAFT: Ramp = {
  status: 'DRAFT',
  stages: [
    [500, 2],
    [2_500, 4],
    [5_000, 8],
    [7_500, 12],
    [10_000, 22],
  ].map(([shareBasisPoints, hours]) => ({
    shareBasisPoints: shareBasisPoints!,
    minimumDurationSeconds: hours! * HOUR,
  })),
  startsAt: null,
  stageIndex: null,
  shareBasisPoints: 0,
  stageDueAt: null,
  windowNumber: 0,
}
const then = (ramp: Ramp, change: RampChange): Ramp => ({ ...ramp, ...change.state })
const running = then(DRAFT, startRamp(DRAFT, BEGIN))

/** Looks every ten seconds with the given verdict; what happened and after how many hours. */
function watch(ramp: Ramp, from: number, to: number, verdictAt: (hours: number) => HealthVerdict) {
  const seen: Array<[hours: number, action: string, share: number]> = []
  for (let second = from * HOUR; second <= to * HOUR; second += 10) {
    const change = advanceRamp(ramp, verdictAt(second / HOUR), hoursIn(second / HOUR))
    if (!change) continue
    ramp = then(ramp, change)
    seen.push([second / HOUR, change.action, ramp.shareBasisPoints])
  }
  return { seen, ramp }
}

describe('a ramp', () => {
  it('takes two days of healthy stages, each when it is due', () => {
    const { seen, ramp } = watch(running, 0, 60, () => PASSED)
    expect(seen).toEqual([
      [2, 'STAGE_ENTERED', 2_500],
      [6, 'STAGE_ENTERED', 5_000],
      [14, 'STAGE_ENTERED', 7_500],
      [26, 'STAGE_ENTERED', 10_000],
      [48, 'COMPLETED', 10_000],
    ])
    expect(ramp).toMatchObject({ status: 'COMPLETED', windowNumber: 5, stageDueAt: null })
  })

  it('starts by itself at its time, and not before', () => {
    const scheduled = { ...DRAFT, startsAt: hoursIn(3) }
    expect(advanceRamp(scheduled, PASSED, hoursIn(2.99))).toBeNull()
    expect(advanceRamp(scheduled, PASSED, hoursIn(3))).toMatchObject({
      action: 'STARTED',
      state: { status: 'RUNNING', stageIndex: 0, shareBasisPoints: 500, stageDueAt: hoursIn(5), windowNumber: 1 },
    })
    expect(advanceRamp(DRAFT, PASSED, hoursIn(1_000))).toBeNull()
  })

  it('is held by a check that does not pass, and goes on at the moment it does', () => {
    const { seen } = watch(running, 0, 10, (hours) => (hours < 5 ? HELD : PASSED))
    expect(seen).toEqual([
      [5, 'STAGE_ENTERED', 2_500],
      [9, 'STAGE_ENTERED', 5_000],
    ])
  })

  it('takes overdue stages one at a time, each for its full minimum duration with a new window', () => {
    const { seen } = watch(running, 1_000, 1_010, () => PASSED)
    expect(seen).toEqual([
      [1_000, 'STAGE_ENTERED', 2_500],
      [1_004, 'STAGE_ENTERED', 5_000],
    ])
    const once = then(running, advanceRamp(running, PASSED, hoursIn(1_000))!)
    expect(once.windowNumber).toBe(running.windowNumber + 1)
    expect(advanceRamp(once, PASSED, hoursIn(1_000))).toBeNull()
  })

  it('reacts to a failure at any time, by what the check asks for', () => {
    const failed = (action: 'ROLL_BACK' | 'PAUSE'): HealthVerdict => ({ status: 'FAILED', action })
    expect(advanceRamp(running, failed('ROLL_BACK'), hoursIn(0.01))).toMatchObject({
      action: 'ROLLED_BACK',
      state: { status: 'ROLLED_BACK', shareBasisPoints: 0 },
    })
    const paused = then(running, advanceRamp(running, failed('PAUSE'), hoursIn(0.01))!)
    expect(paused).toMatchObject({ status: 'PAUSED', shareBasisPoints: 500, stageDueAt: null })
    expect(advanceRamp(paused, failed('ROLL_BACK'), hoursIn(9))).toBeNull()
  })

  it('begins its stage again after a pause', () => {
    const resumed = then(running, resumeRamp(then(running, pauseRamp(running)), hoursIn(30)))
    expect(resumed).toMatchObject({ status: 'RUNNING', stageIndex: 0, stageDueAt: hoursIn(32), windowNumber: 2 })
  })

  it('stays at a share set by hand, watched, until somebody skips on', () => {
    const byHand = then(running, setShare(running, 3_000))
    expect(byHand).toMatchObject({ shareBasisPoints: 3_000, stageIndex: null, windowNumber: 2 })
    expect(watch(byHand, 0, 100, () => PASSED).seen).toEqual([])
    expect(advanceRamp(byHand, { status: 'FAILED', action: 'ROLL_BACK' }, hoursIn(1))?.action).toBe('ROLLED_BACK')
    const resumed = then(byHand, resumeRamp(then(byHand, pauseRamp(byHand)), hoursIn(1)))
    expect(resumed).toMatchObject({ shareBasisPoints: 3_000, stageIndex: null, stageDueAt: null, windowNumber: 3 })
    expect(skipStage(byHand, hoursIn(1)).state).toMatchObject({
      stageIndex: 2,
      shareBasisPoints: 5_000,
      windowNumber: 3,
    })
  })

  it('skips to the next stage whatever the clock says, and past the last there is none', () => {
    let ramp = running
    for (const share of [2_500, 5_000, 7_500, 10_000]) {
      ramp = then(ramp, skipStage(ramp, hoursIn(0)))
      expect(ramp.shareBasisPoints).toBe(share)
    }
    expect(() => skipStage(ramp, hoursIn(0))).toThrow(/complete it instead/)
  })

  it('ends completed with everybody or rolled back with nobody', () => {
    expect(completeRamp(running).state).toMatchObject({ status: 'COMPLETED', shareBasisPoints: 10_000 })
    expect(rollBackRamp(running).state).toMatchObject({ status: 'ROLLED_BACK', shareBasisPoints: 0 })
  })

  const steps: Record<string, (ramp: Ramp) => RampChange> = {
    start: (ramp) => startRamp(ramp, BEGIN),
    pause: pauseRamp,
    resume: (ramp) => resumeRamp(ramp, BEGIN),
    complete: completeRamp,
    'roll back': rollBackRamp,
    skip: (ramp) => skipStage(ramp, BEGIN),
    'set share': (ramp) => setShare(ramp, 1),
  }
  const allowed: Record<string, string[]> = {
    DRAFT: ['start'],
    RUNNING: ['pause', 'complete', 'roll back', 'skip', 'set share'],
    PAUSED: ['resume', 'complete', 'roll back', 'set share'],
    COMPLETED: [],
    ROLLED_BACK: [],
  }
  for (const [status, may] of Object.entries(allowed)) {
    for (const [step, take] of Object.entries(steps)) {
      it(`${may.includes(step) ? 'can' : 'cannot'} ${step} while ${status}`, () => {
        const ramp = { ...(status === 'DRAFT' ? DRAFT : running), status } as Ramp
        if (may.includes(step)) expect(take(ramp).state.status).toBeDefined()
        else expect(() => take(ramp)).toThrow(expect.objectContaining({ code: 'INVALID_TRANSITION' }))
      })
    }
  }
})
