import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { AddressPolicy } from '../../../src/modules/webhooks/public-address.ts'

const strict = new AddressPolicy()
const relaxed = new AddressPolicy(['10.0.0.0/8', 'fd00::/8'])

describe('public addresses', () => {
  test.each(['1.1.1.1', '93.184.215.14', '2606:4700::1111', '2a00:1450:4001:82a::200e', '::ffff:8.8.8.8'])(
    '%s is one',
    (address) => {
      expect(strict.allows(address)).toBe(true)
    },
  )

  test.each([
    '127.0.0.1',
    '127.255.255.254',
    '0.0.0.0',
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '192.0.0.8',
    '192.0.2.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    'fe80::1',
    'fec0::1',
    'fc00::1',
    'fd12:3456::1',
    'ff02::1',
    '2001:db8::1',
    '2002:7f00:1::',
    '2001::1',
    '100::1',
  ])('%s is none', (address) => {
    expect(strict.allows(address)).toBe(false)
  })

  test('the operator may allow more, and what is not allowed stays so', () => {
    expect(relaxed.allows('10.1.2.3')).toBe(true)
    expect(relaxed.allows('fd00::1')).toBe(true)
    expect(relaxed.allows('::ffff:10.1.2.3')).toBe(true)
    expect(relaxed.allows('192.168.0.1')).toBe(false)
    expect(relaxed.allows('127.0.0.1')).toBe(false)
  })

  test('a host that is an address is judged without a look-up, however it is written', () => {
    for (const url of [
      'https://127.0.0.1',
      'https://[::1]',
      'https://0x7f.1',
      'https://2130706433',
      'https://[::ffff:7f00:1]',
    ]) {
      expect(() => strict.assertHost(new URL(url).hostname), url).toThrow('not a public address')
    }
    expect(() => strict.assertHost('example.com')).not.toThrow()
    expect(() => strict.assertHost('1.1.1.1')).not.toThrow()
  })

  test('a name that leads to a private address is refused when it is looked up', async () => {
    const lookup = promisify(strict.lookup) as (host: string, options: object) => Promise<unknown>
    await expect(lookup('localhost', {})).rejects.toThrow('not a public address')
    await expect(lookup('localhost', { all: true })).rejects.toThrow('not a public address')
    const loopback = new AddressPolicy(['127.0.0.0/8', '::1/128'])
    await expect(promisify(loopback.lookup)('localhost', { all: true })).resolves.toContainEqual(
      expect.objectContaining({ address: expect.stringMatching(/^127\.|^::1$/) }),
    )
  })

  test('a network that is none is refused', () => {
    expect(() => new AddressPolicy(['10.0.0.0'])).toThrow()
  })
})
