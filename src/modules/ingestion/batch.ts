import { DomainError, type Problem } from '../../shared/domain-error.ts'
import type { Receipt, RejectedItem } from './ingestion.types.ts'

export const MOST_ITEMS = 5_000

/** A row to be stored, and its place in the batch that it came from. */
export interface Placed<Row> {
  index: number
  row: Row
}

/** The rows of a batch that may be stored, and the items that may not. */
export interface Checked<Row> {
  rows: Array<Placed<Row>>
  rejected: RejectedItem[]
}

/** How each row of a call fared, in its order. */
export type Outcome = 'ACCEPTED' | 'DUPLICATE' | Problem

/** Checks each item by itself. @throws DomainError BATCH_TOO_LARGE */
export function checkItems<Item, Row>(
  items: readonly Item[],
  check: (item: Item) => Row | Problem,
  isProblem: (checked: Row | Problem) => checked is Problem,
): Checked<Row> {
  if (items.length > MOST_ITEMS) {
    throw new DomainError('BATCH_TOO_LARGE', `The batch has ${items.length} items; it takes ${MOST_ITEMS}.`)
  }
  const checked: Checked<Row> = { rows: [], rejected: [] }
  for (const [index, item] of items.entries()) {
    const result = check(item)
    if (isProblem(result)) checked.rejected.push({ index, ...result })
    else checked.rows.push({ index, row: result })
  }
  return checked
}

export function receiptOf<Row>({ rows, rejected }: Checked<Row>, outcomes: readonly Outcome[]): Receipt {
  const failed = outcomes.flatMap((outcome, place) =>
    typeof outcome === 'string' ? [] : [{ index: rows[place]!.index, ...outcome }],
  )
  return {
    accepted: outcomes.filter((outcome) => outcome === 'ACCEPTED').length,
    duplicates: outcomes.filter((outcome) => outcome === 'DUPLICATE').length,
    rejected: [...rejected, ...failed].sort((a, b) => a.index - b.index),
  }
}
