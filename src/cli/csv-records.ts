import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { CsvError } from 'csv-parse'
import { parse } from 'csv-parse/sync'

/** The fields of one record, which begins at `line`, counted from 1. */
export interface CsvRecord {
  line: number
  fields: string[]
}

/** A line that no record can begin with, with the reason. */
export interface MalformedRow {
  line: number
  problem: string
}

interface Line {
  line: number
  text: string
}

/** A quoted field that is not closed after so many lines was never meant to be one. */
const MOST_LINES = 50
const UNCLOSED = 'opens a quote that nothing closes.'

/**
 * The records of a comma-separated file, the header first. A stray quote costs its own line, never those after it: what
 * does not come out as a record with the fields of the header is read again from the next line on.
 */
export async function* readRecords(file: string): AsyncGenerator<CsvRecord | MalformedRow> {
  const input = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })
  const open: Line[] = []
  let width: number | null = null
  let line = 0
  function* settle(isLast: boolean): Generator<CsvRecord | MalformedRow> {
    for (let taken = 1; open.length > 0; ) {
      const first = open[0]!
      if (taken === 1 && first.text.trim() === '') {
        open.shift()
        continue
      }
      const found = recordOf(open.slice(0, taken), width)
      if (found === 'OPEN' && taken < MOST_LINES) {
        if (taken < open.length) {
          taken++
          continue
        }
        if (!isLast) return
      }
      open.splice(0, Array.isArray(found) ? taken : 1)
      taken = 1
      if (Array.isArray(found)) {
        width ??= found.length
        yield { line: first.line, fields: found }
      } else {
        yield { line: first.line, problem: found === 'OPEN' ? UNCLOSED : found }
      }
    }
  }
  for await (const text of input) {
    line++
    open.push({ line, text: line === 1 ? text.replace(/^\uFEFF/, '') : text })
    yield* settle(false)
  }
  yield* settle(true)
}

/** @returns the fields, the problem of the first line, or OPEN while a quoted field may go on in the next line */
function recordOf(lines: readonly Line[], width: number | null): string[] | string {
  const text = lines.map((each) => each.text).join('\n')
  if (!text.includes('"')) return text.split(',').map((field) => field.trim())
  try {
    const [fields] = parse(text, { relax_column_count: true, relax_quotes: true, trim: true }) as string[][]
    const isWhole = lines.length === 1 || width === null || fields?.length === width
    return isWhole ? (fields ?? []) : UNCLOSED
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    return error.code === 'CSV_QUOTE_NOT_CLOSED' ? 'OPEN' : 'has text after a closing quote.'
  }
}
