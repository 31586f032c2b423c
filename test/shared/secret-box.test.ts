import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { SecretBox } from '../../src/shared/secret-box.ts'

const box = new SecretBox(randomBytes(32))

describe('the secret box', () => {
  test('gives back what was sealed, and seals the same differently each time', () => {
    const sealed = box.seal('whsec_ü', 'here')
    expect(box.open(sealed, 'here')).toBe('whsec_ü')
    expect(sealed.toString('latin1')).not.toContain('whsec')
    expect(box.seal('whsec_ü', 'here')).not.toEqual(sealed)
  })

  test('opens nothing from another place, of another key, or changed', () => {
    const sealed = box.seal('secret', 'here')
    expect(() => box.open(sealed, 'there')).toThrow()
    expect(() => new SecretBox(randomBytes(32)).open(sealed, 'here')).toThrow()
    for (const index of [0, 12, sealed.length - 1]) {
      const forged = Buffer.from(sealed)
      forged[index]! ^= 1
      expect(() => box.open(forged, 'here'), `byte ${index}`).toThrow()
    }
  })

  test('without a key it keeps nothing', () => {
    expect(() => new SecretBox(null).seal('secret', 'here')).toThrow('ASSAY_SECRET_KEY')
    expect(() => new SecretBox(Buffer.alloc(16))).toThrow(RangeError)
  })
})
