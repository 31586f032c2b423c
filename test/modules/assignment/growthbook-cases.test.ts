import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { bucketOf, bucketOfVersion1, bucketRanges, chooseRange } from '../../../src/modules/experiments/bucketing.ts'
import { meetsCondition } from '../../../src/modules/targeting/targeting.ts'

/** The public tables that every GrowthBook SDK replays (packages/sdk-js/test/cases.json). */
// biome-ignore lint/suspicious/noExplicitAny: the table is of any shape.
const cases: Record<'hash' | 'getBucketRange' | 'chooseVariation' | 'evalCondition', any[][]> = JSON.parse(
  readFileSync(new URL('growthbook-cases.json', import.meta.url), 'utf8'),
)

describe('the tables of the GrowthBook SDKs', () => {
  it.each(cases.hash)('hash: seed %j, unit %j, version %j', (...[seed, unitId, version, expected]) => {
    // A version that does not exist has no bucket.
    const hash = { 1: bucketOfVersion1, 2: bucketOf }[version as 1 | 2]
    expect(hash ? hash(seed, unitId) : null).toBe(expected)
  })

  it.each(cases.getBucketRange)('bucket ranges: %s', (...[_name, [count, coverage, weights], expected]) => {
    const rounded = bucketRanges(count, coverage, weights).map((range) =>
      range.map((end) => Math.round(end * 1e6) / 1e6),
    )
    expect(rounded).toEqual(expected.map((range: number[]) => range.map((end) => Math.round(end * 1e6) / 1e6)))
  })

  it.each(cases.chooseVariation)('choice: %s', (...[_name, bucket, ranges, expected]) => {
    expect(chooseRange(bucket, ranges)).toBe(expected)
  })

  it.each(cases.evalCondition)('condition: %s', (...[_name, condition, attributes, expected, groups]) => {
    expect(meetsCondition(attributes, condition, groups)).toBe(expected)
  })
})
