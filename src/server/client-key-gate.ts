import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { Viewer } from '../modules/organizations/viewer.ts'
import { DomainError } from '../shared/domain-error.ts'
import { networkOf } from './caller-address.ts'

const MINUTE_S = 60

/** A client key has used up its rate. */
export class RateLimitedError extends DomainError {
  readonly retryAfterSeconds: number

  constructor(ratePerMinute: number, retryAfterSeconds: number) {
    super(
      'RATE_LIMITED',
      `The key allows ${ratePerMinute} calls a minute from one address; try again in ${retryAfterSeconds} s.`,
    )
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/**
 * What a published key is held to: the browser origins that it names, and its rate for each address. The rate is counted
 * by each server process; behind several of them a key gets so many times as much.
 */
export class ClientKeyGate {
  readonly #limiters = new Map<number, RateLimiterMemory>()

  /** @throws DomainError ORIGIN_NOT_ALLOWED; callers that are no browser send no origin and are let in */
  assertOrigin(viewer: Viewer, origin: string | undefined): void {
    if (!allowsOrigin(viewer, origin)) {
      throw new DomainError('ORIGIN_NOT_ALLOWED', `The key is not to be used by pages from ${origin}.`)
    }
  }

  /** Counts one call. @throws RateLimitedError */
  async count(viewer: Viewer, address: string): Promise<void> {
    const { ratePerMinute, credentialId } = viewer
    if (ratePerMinute === null) return
    try {
      await this.#limiter(ratePerMinute).consume(`${credentialId}:${networkOf(address)}`)
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error
      throw new RateLimitedError(ratePerMinute, Math.max(1, Math.ceil(error.msBeforeNext / 1_000)))
    }
  }

  #limiter(ratePerMinute: number): RateLimiterMemory {
    const known = this.#limiters.get(ratePerMinute)
    if (known) return known
    const limiter = new RateLimiterMemory({ keyPrefix: `${ratePerMinute}`, points: ratePerMinute, duration: MINUTE_S })
    this.#limiters.set(ratePerMinute, limiter)
    return limiter
  }
}

export function allowsOrigin({ allowedOrigins }: Viewer, origin: string | undefined): boolean {
  return origin === undefined || allowedOrigins === null || allowedOrigins.includes(origin)
}
