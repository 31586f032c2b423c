import type { IncomingMessage } from 'node:http'
import { isIPv6 } from 'node:net'

/** Address of who opened a socket; with `trustProxy` the one that X-Forwarded-For names first, as for other requests. */
export function callerAddress({ headers, socket }: IncomingMessage, trustProxy: boolean): string {
  const forwarded = trustProxy ? [headers['x-forwarded-for'] ?? []].flat().join(',').split(',')[0]!.trim() : ''
  return forwarded || (socket.remoteAddress ?? '')
}

/**
 * What counts as one caller: an IPv4 address, or the /64 of an IPv6 address, since one connection to the Internet commonly
 * gets all 2^64 addresses of its network.
 */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped) return mapped[1]!
  const bare = address.split('%')[0]!
  if (!isIPv6(bare)) return address
  const [head = '', tail] = bare.split('::')
  const groups = head === '' ? [] : head.split(':')
  const last = tail ? tail.split(':') : []
  // A dotted end stands for two groups.
  const written = groups.length + last.length + (bare.includes('.') ? 1 : 0)
  const all = tail === undefined ? groups : [...groups, ...Array<string>(8 - written).fill('0'), ...last]
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}
