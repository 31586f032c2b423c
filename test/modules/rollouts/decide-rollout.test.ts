import { expect, it } from 'vitest'
import { bucketOf } from '../../../src/modules/experiments/bucketing.ts'
import { decideRollout, type RolloutRule } from '../../../src/modules/rollouts/decide-rollout.ts'

const RULE: RolloutRule = { status: 'RUNNING', salt: 'salt-a', shareBasisPoints: 500, targeting: null }
const units = Array.from({ length: 20_000 }, (_, index) => `unit-${index}`)
const onNew = (rule: Partial<RolloutRule>, attributes = {}) =>
  new Set(units.filter((unitId) => decideRollout({ ...RULE, ...rule }, { unitId, attributes }).isOnNewVersion))

it('takes the units of the hash of assignment below the share', () => {
  expect(onNew({})).toEqual(new Set(units.filter((unitId) => bucketOf('salt-a', unitId) < 0.05)))
  expect(onNew({ shareBasisPoints: 0 }).size).toBe(0)
  expect(onNew({ shareBasisPoints: 10_000 }).size).toBe(units.length)
})

it('keeps the first when it ramps', () => {
  let before = new Set<string>()
  for (const shareBasisPoints of [1, 500, 2_500, 5_000, 7_500, 10_000]) {
    const now = onNew({ shareBasisPoints })
    expect([...before].filter((unitId) => !now.has(unitId))).toEqual([])
    expect(now.size / units.length).toBeCloseTo(shareBasisPoints / 10_000, 1)
    before = now
  }
})

it('takes everybody off at a rollback', () => {
  expect(onNew({ status: 'ROLLED_BACK', shareBasisPoints: 10_000 }).size).toBe(0)
  const unit = { unitId: 'a', attributes: {} }
  expect(decideRollout({ ...RULE, status: 'ROLLED_BACK' }, unit).reason).toBe('ROLLED_BACK')
})

it('picks other units than another rollout', () => {
  const half = { shareBasisPoints: 5_000 }
  const other = onNew({ ...half, salt: 'salt-b' })
  const both = [...onNew(half)].filter((unitId) => other.has(unitId))
  expect(both.length / units.length).toBeCloseTo(0.25, 1)
})

it('says why', () => {
  const unitOf = (isIn: boolean) => units.find((unitId) => bucketOf('salt-a', unitId) < 0.05 === isIn)!
  const reason = (rule: Partial<RolloutRule>, unitId = unitOf(true), attributes = {}) =>
    decideRollout({ ...RULE, ...rule }, { unitId, attributes }).reason
  expect(reason({})).toBe('IN_SHARE')
  expect(reason({}, unitOf(false))).toBe('NOT_YET')
  expect(reason({ status: 'PAUSED' })).toBe('IN_SHARE')
  expect(reason({ status: 'DRAFT' })).toBe('NOT_STARTED')
  expect(reason({ status: 'COMPLETED', shareBasisPoints: 10_000 }, unitOf(false))).toBe('COMPLETED')
  const targeting = { country: 'DE' }
  expect(reason({ targeting }, unitOf(true), { country: 'FR' })).toBe('TARGETING')
  expect(reason({ targeting }, unitOf(true), { country: 'DE' })).toBe('IN_SHARE')
  expect(onNew({ status: 'COMPLETED', targeting }).size).toBe(0)
})
