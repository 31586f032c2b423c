import { expect, test } from 'vitest'
import { levelJump } from '../../../src/modules/alerts/level-jump.ts'

/** A Monday. */
const DAY = '2026-03-30'
const LONG_AGO = '2025-01-01'

/** Levels of the given Monday, and of those one, two, … weeks before. */
function weeks(level: number, before: readonly number[]): Map<string, number> {
  const back = (count: number) => new Date(Date.parse(DAY) - count * 7 * 86_400_000).toISOString().slice(0, 10)
  return new Map([[DAY, level], ...before.map((value, index) => [back(index + 1), value] as const)])
}

test.each([
  ['as usual', 100, [95, 105, 100], null],
  ['a little less than twice', 199, [100, 100, 100], null],
  ['more than twice', 201, [100, 100, 100], { level: 201, usual: 100 }],
  ['less than half', 49, [100, 100, 100], { level: 49, usual: 100 }],
  ['nothing any more', 0, [100, 100, 100], { level: 0, usual: 100 }],
  ['twice what is usual, where the weeks are that different anyway', 250, [50, 100, 200, 60, 150], null],
  ['one odd week does not hide it', 400, [100, 101, 99, 100, 3_000], { level: 400, usual: 100 }],
  ['too few weeks to know', 1_000, [100, 100], null],
  ['a week without anything', 1_000, [100, 0, 100], null],
])('%s', (_what, level, before, expected) => {
  const first = new Date(Date.parse(DAY) - before.length * 7 * 86_400_000).toISOString().slice(0, 10)
  const jump = levelJump(weeks(level, before), DAY, first)
  expect(jump && { ...jump, usual: Math.round(jump.usual) }).toEqual(expected)
})

test('other days of the week do not matter', () => {
  const levels = weeks(100, [100, 100, 100, 100, 100, 100, 100, 100])
  for (let day = 1; day < 56; day++) {
    const date = new Date(Date.parse(DAY) - day * 86_400_000).toISOString().slice(0, 10)
    if (!levels.has(date)) levels.set(date, 5_000)
  }
  expect(levelJump(levels, DAY, LONG_AGO)).toBeNull()
})

test('days before the first whole one are not days without anything', () => {
  const levels = weeks(300, [100, 100, 100])
  expect(levelJump(levels, DAY, '2026-03-09')).not.toBeNull()
  expect(levelJump(levels, DAY, '2026-03-10')).toBeNull()
  expect(levelJump(levels, DAY, '2026-03-02')).toBeNull()
})
