import type { ApiClient } from '../src/cli/api-client.ts'
import type { BenchServer } from './bench-server.ts'

const EXPOSE = `mutation ($input: RecordExposuresInput!) { recordExposures(input: $input) { accepted } }`
const TRACK = `mutation ($input: TrackEventsInput!) { trackEvents(input: $input) { accepted } }`

/** Exposes units `u0` to `u(count − 1)`, evenly over the variants. */
export async function exposeUnits(api: ApiClient, experimentKey: string, count: number): Promise<void> {
  for (let start = 0; start < count; start += 5_000) {
    const exposures = Array.from({ length: Math.min(5_000, count - start) }, (_, index) => ({
      experimentKey,
      variantKey: (start + index) % 2 === 0 ? 'control' : 'treatment',
      unitId: `u${start + index}`,
    }))
    await api.call(EXPOSE, { input: { exposures } })
  }
}

let sent = 0

/** Events of random exposed units, as a shop sends them: a value and a few properties. */
export function eventsOf(name: string, count: number, units: number): object[] {
  return Array.from({ length: count }, () => ({
    idempotencyKey: `bench-${sent++}`,
    unitId: `u${Math.floor(Math.random() * units)}`,
    name,
    value: Math.round(Math.random() * 10_000) / 100,
    properties: PROPERTIES,
  }))
}

export const PROPERTIES = { page: '/checkout', country: 'DE', items: 3, coupon: null }

/** Sends batches, made ready beforehand, with several requests in flight. @returns events per second, as answered */
export async function sendEvents({ url, keys }: BenchServer, batches: object[][], inFlight: number): Promise<number> {
  const bodies = batches.map((events) => JSON.stringify({ query: TRACK, variables: { input: { events } } }))
  const total = batches.reduce((sum, batch) => sum + batch.length, 0)
  let accepted = 0
  const began = performance.now()
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      for (let body = bodies.pop(); body; body = bodies.pop()) {
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${keys.serverKey}` },
          body,
        })
        const { data } = (await response.json()) as { data: { trackEvents: { accepted: number } } }
        accepted += data.trackEvents.accepted
      }
    }),
  )
  const seconds = (performance.now() - began) / 1_000
  if (accepted !== total) throw new Error(`Only ${accepted} of ${total} events were accepted.`)
  return total / seconds
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!
}
