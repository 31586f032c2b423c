import { parseValue } from 'graphql'
import { describe, expect, it } from 'vitest'
import { DateTimeScalar } from '../../src/shared/scalars.ts'

describe('DateTime', () => {
  const inside = [
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999Z',
    '0000-12-31T23:00:00-02:00',
    '2026-02-28T12:00:00+05:30',
  ]
  it.each(inside)('takes %s, in variables and in documents', (text) => {
    expect(DateTimeScalar.parseValue(text)).toEqual(new Date(text))
    expect(DateTimeScalar.parseLiteral(parseValue(`"${text}"`), {})).toEqual(new Date(text))
  })

  const outside = [
    ...['0000-01-01T00:00:00Z', '0000-12-31T23:59:59Z', '0001-01-01T00:00:00+01:00', '9999-12-31T23:59:59-00:01'],
    ...['+010000-01-01T00:00:00Z', '-000001-01-01T00:00:00Z', '+275760-09-13T00:00:00Z', '2026-02-29T00:00:00Z'],
  ]
  it.each(outside)('refuses %s, in variables and in documents', (text) => {
    expect(() => DateTimeScalar.parseValue(text)).toThrow()
    expect(() => DateTimeScalar.parseLiteral(parseValue(`"${text}"`), {})).toThrow()
  })
})
