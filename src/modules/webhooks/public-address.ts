import { type LookupAddress, type LookupOptions, lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Where global unicast addresses are, of all that IPv6 has (IANA, IPv6 address space). */
const IPV6_PUBLIC = ipaddr.parseCIDR('2000::/3')

/** An address that the operator does not allow messages to be sent to. */
export class ForbiddenAddressError extends Error {
  constructor(host: string, address: string) {
    super(`${host} is at ${address}, which is not a public address; the operator has not allowed it.`)
    this.name = 'ForbiddenAddressError'
  }
}

/** Which addresses messages may be sent to: public unicast ones, and the networks that the operator allows besides. */
export class AddressPolicy {
  readonly #allowed: ReadonlyArray<[ipaddr.IPv4 | ipaddr.IPv6, number]>

  /** @param allowed - networks such as `10.0.0.0/8` @throws Error when one is not a network */
  constructor(allowed: readonly string[] = []) {
    this.#allowed = allowed.map((network) => ipaddr.parseCIDR(network))
  }

  /** Whether the operator allows any but public addresses, and with them plain HTTP. */
  get isRelaxed(): boolean {
    return this.#allowed.length > 0
  }

  allows(address: string): boolean {
    // An IPv4 address in the clothes of IPv6 is judged as what it is.
    const parsed = ipaddr.process(address)
    if (this.#allowed.some((network) => parsed.kind() === network[0].kind() && parsed.match(network))) return true
    if (parsed.range() !== 'unicast') return false
    return parsed.kind() === 'ipv4' || parsed.match(IPV6_PUBLIC)
  }

  /** @throws ForbiddenAddressError when the host is an address that is not allowed; names are judged when they are looked up */
  assertHost(host: string): void {
    const bare = host.replace(/^\[|\]$/g, '')
    if (ipaddr.isValid(bare) && !this.allows(bare)) throw new ForbiddenAddressError(host, bare)
  }

  /** Looks a name up and refuses it if any of its addresses is not allowed; those that it gives are the ones connected to. */
  readonly lookup: LookupFunction = (host, options, callback) => {
    const all: LookupOptions & { all: true } = { ...(options as LookupOptions), all: true }
    lookup(host, all, (error, addresses: LookupAddress[] = []) => {
      const forbidden = addresses.find(({ address }) => !this.allows(address))
      const refusal = error ?? (forbidden ? new ForbiddenAddressError(host, forbidden.address) : null)
      if (refusal) callback(refusal, '', 0)
      else if (options.all) callback(null, addresses as never)
      else callback(null, addresses[0]!.address, addresses[0]!.family)
    })
  }
}
