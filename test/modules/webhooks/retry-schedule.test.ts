import { describe, expect, test } from 'vitest'
import { askedPause, pauseAfter, RETRY_PAUSES_MS } from '../../../src/modules/webhooks/retry-schedule.ts'

const HOUR_MS = 3_600_000
const NOW = new Date('2026-03-01T12:00:00Z')

describe('pauseAfter', () => {
  test('pauses grow, over more than a day, and then it is given up', () => {
    const pauses = RETRY_PAUSES_MS.map((_, index) => pauseAfter(index + 1, null, 0.5)!)
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b))
    expect(pauses.reduce((sum, pause) => sum + pause, 0)).toBeGreaterThan(24 * HOUR_MS)
    expect(pauseAfter(RETRY_PAUSES_MS.length + 1, null, 0.5)).toBeNull()
  })

  test('are a tenth more or less', () => {
    expect(pauseAfter(1, null, 0)).toBe(4_500)
    expect(pauseAfter(1, null, 0.5)).toBe(5_000)
    expect(pauseAfter(1, null, 1)).toBe(5_500)
  })

  test('are as long as the receiver asks for, up to a day, and never shorter', () => {
    expect(pauseAfter(1, 60_000, 0.5)).toBe(60_000)
    expect(pauseAfter(1, 1, 0.5)).toBe(5_000)
    expect(pauseAfter(1, 1_000 * HOUR_MS, 0.5)).toBe(24 * HOUR_MS)
    expect(pauseAfter(RETRY_PAUSES_MS.length + 1, 1, 0.5)).toBeNull()
  })
})

test.each([
  ['120', 120_000],
  [' 5 ', 5_000],
  ['Sun, 01 Mar 2026 12:00:30 GMT', 30_000],
  ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
  ['soon', null],
  ['-5', null],
  ['', null],
  [undefined, null],
])('Retry-After %j asks for %j ms', (header, expected) => {
  const asked = askedPause(header, NOW)
  if (header === '-5') expect(asked === null || asked === 0).toBe(true)
  else expect(asked).toBe(expected)
})
