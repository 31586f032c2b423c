import { expect, test } from 'vitest'
import { seededRandom } from '../../src/cli/simulation/random.ts'
import { adaptiveRatioTest, type PropensityCount } from '../../src/statistics/bandit/adaptive-ratio-test.ts'
import { isComputable } from '../../src/statistics/not-computable.ts'

const FLOOR = 0.01

/** Units of two arms. @param shareOf - propensity of the second arm for a unit @param lost - share of the first arm's units that never arrive */
function allocated(seed: number, count: number, shareOf: (unit: number) => number, lost = 0): PropensityCount[] {
  const random = seededRandom(seed)
  const arms = [0, 1].map(() => ({ units: 0, w: 0, ww: 0 }))
  for (let unit = 0; unit < count; unit++) {
    const share = shareOf(unit)
    const index = random() < share ? 1 : 0
    if (index === 0 && random() < lost) continue
    const weight = 1 / (index === 1 ? share : 1 - share)
    arms[index]!.units++
    arms[index]!.w += weight
    arms[index]!.ww += weight ** 2
  }
  return arms
}

function alarms(runs: number, of: (seed: number) => PropensityCount[]): number {
  const tests = Array.from({ length: runs }, (_, seed) => adaptiveRatioTest(of(seed), FLOOR))
  return tests.filter((each) => isComputable(each) && each.pValue < 0.001).length / runs
}

const half = () => 0.5
/** Learns at once that the second arm is the better one. */
const turns = (at: number) => (unit: number) => (unit < at ? 0.5 : 1 - FLOOR)
const drifts = (unit: number) => Math.min(1 - FLOOR, 0.5 + unit / 4_000)

test.each([
  ['stays even', 600, half],
  ['turns to one arm', 600, turns(300)],
  ['turns late', 2_000, turns(1_900)],
  ['drifts to one arm', 5_000, drifts],
  ['has turned for long', 20_000, turns(100)],
])('an allocation that %s raises no alarm', (_name, count, shareOf) => {
  expect(alarms(1_000, (seed) => allocated(seed, count, shareOf))).toBeLessThanOrEqual(0.002)
})

test.each([
  ['even', 60_000, half, 0.1],
  ['one that turns', 50_000, turns(25_000), 0.3],
])('units that are lost from one arm of an allocation that is %s are found', (_name, count, shareOf, lost) => {
  expect(alarms(100, (seed) => allocated(seed, count, shareOf, lost))).toBeGreaterThan(0.95)
})
