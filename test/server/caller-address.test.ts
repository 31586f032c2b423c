import type { IncomingMessage } from 'node:http'
import { describe, expect, it, test } from 'vitest'
import { callerAddress, networkOf } from '../../src/server/caller-address.ts'

describe('networkOf', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['not an address', 'not an address'],
  ])('%s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })

  it('tells the neighbours of one network from those of another', () => {
    expect(networkOf('2001:db8:1:2::a')).toBe(networkOf('2001:db8:1:2:ffff::b'))
    expect(networkOf('2001:db8:1:2::a')).not.toBe(networkOf('2001:db8:1:3::a'))
  })
})

describe('callerAddress', () => {
  const request = (forwarded?: string) =>
    ({
      headers: { 'x-forwarded-for': forwarded },
      socket: { remoteAddress: '192.0.2.1' },
    }) as unknown as IncomingMessage

  test.each([
    [false, '198.51.100.9', '192.0.2.1'],
    [true, '198.51.100.9', '198.51.100.9'],
    [true, '198.51.100.9, 203.0.113.4', '198.51.100.9'],
    [true, undefined, '192.0.2.1'],
    [true, '', '192.0.2.1'],
  ])('with trustProxy %s and X-Forwarded-For %j it is %s', (trustProxy, forwarded, address) => {
    expect(callerAddress(request(forwarded), trustProxy)).toBe(address)
  })
})
