import { crc32 } from 'node:zlib'

const STRIPES = 16

/**
 * Advisory locks of a transaction on stripes of units, in ascending order, so that two writers cannot wait for each other.
 * They are taken in a statement of their own *before* the one that does the work, whose snapshot then holds all that
 * earlier holders have committed. `$1` organization, by {@link lockSpaceOf}; `$2` stripes, by {@link stripesOf}.
 */
export const LOCK_SHARED = 'select pg_advisory_xact_lock_shared($1, stripe) from unnest($2::int[]) as stripe'
export const LOCK_EXCLUSIVE = 'select pg_advisory_xact_lock($1, stripe) from unnest($2::int[]) as stripe'

export const ALL_STRIPES: readonly number[] = Array.from({ length: STRIPES }, (_, stripe) => stripe)

export function lockSpaceOf(organizationId: string): number {
  return crc32(organizationId) | 0
}

export function stripesOf(units: ReadonlyArray<{ type: string; id: string }>): number[] {
  const stripes = new Set(units.map(({ type, id }) => crc32(`${type}:${id}`) % STRIPES))
  return [...stripes].sort((a, b) => a - b)
}
