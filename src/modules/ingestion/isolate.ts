import type { Problem } from '../../shared/domain-error.ts'
import type { Outcome } from './batch.ts'

/** SQLSTATE classes that blame the data (22, 23, 54), so that the same rows would fail again. */
const BLAMES_DATA = /^(22|23|54)/
/** Deadlock and serialization failures pass when tried again. */
const PASSES = new Set(['40001', '40P01'])
const MOST_TRIES = 3

/**
 * Writes rows together. When the database refuses one of them, the halves are written by themselves, and so on, until
 * the one that it refuses stands alone: no row suffers for a neighbour.
 */
export async function writeIsolated<Row>(
  rows: readonly Row[],
  write: (rows: readonly Row[]) => Promise<Outcome[]>,
  attempt = 1,
): Promise<Outcome[]> {
  if (rows.length === 0) return []
  try {
    return await write(rows)
  } catch (error) {
    const code = (error as { code?: string }).code ?? ''
    if (PASSES.has(code) && attempt < MOST_TRIES) return writeIsolated(rows, write, attempt + 1)
    if (!BLAMES_DATA.test(code)) throw error
    if (rows.length === 1) return [refused]
    const middle = rows.length >> 1
    const first = await writeIsolated(rows.slice(0, middle), write)
    return [...first, ...(await writeIsolated(rows.slice(middle), write))]
  }
}

const refused: Problem = { code: 'ITEM_FAILED', message: 'The database does not take this item.' }
