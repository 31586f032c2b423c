import { timeProblem, valueProblem } from '../modules/ingestion/item-rules.ts'
import { unitIdProblem } from '../modules/ingestion/unit-id.ts'
import type { Problem } from '../shared/domain-error.ts'
import { DateTimeScalar } from '../shared/scalars.ts'
import { type MalformedRow, readRecords } from './csv-records.ts'
import { type ImportedMetric, type ImportOptions, UsageError } from './import-options.ts'

/** One unit of the file. */
export interface ImportedRow {
  line: number
  unitId: string
  variantKey: string
  time: string | null
  /** Amount by metric, in the order of the options: 0 or 1 for a proportion. */
  amounts: number[]
}

type Columns = Pick<ImportOptions, 'unitColumn' | 'variantColumn' | 'timeColumn' | 'metrics'>

/** Which times the server takes. */
export interface TakenTimes {
  receivedAt: Date
  retentionDays: number
}

/** More events than this in one row are a sum, not a count. */
const MOST_EVENTS = 1_000

/**
 * Reads the file row by row; a row that breaks a rule comes out as malformed, and the rest goes on. The rules are those of
 * the server too, so that it does not take the exposure of a row and then refuse its amounts, and no row that it refuses says
 * when the experiment began.
 */
export async function* readRows(
  file: string,
  columns: Columns,
  taken: TakenTimes,
): AsyncGenerator<ImportedRow | MalformedRow> {
  let header: string[] | null = null
  for await (const found of readRecords(file)) {
    if ('problem' in found) {
      yield found
    } else if (header) {
      yield readRow(header, found, columns, taken)
    } else {
      header = found.fields
      assertColumns(header, columns)
    }
  }
  if (!header) throw new UsageError(`${file} is empty; its first line must name the columns.`)
}

function assertColumns(header: string[], { unitColumn, variantColumn, timeColumn, metrics }: Columns): void {
  for (const column of [unitColumn, variantColumn, timeColumn, ...metrics.map((metric) => metric.column)]) {
    if (column !== null && !header.includes(column)) {
      throw new UsageError(`The file has no column ${column}; it has ${header.join(', ')}.`)
    }
  }
}

function readRow(
  header: string[],
  { fields: record, line }: { fields: string[]; line: number },
  columns: Columns,
  { receivedAt, retentionDays }: TakenTimes,
): ImportedRow | MalformedRow {
  if (record.length !== header.length) {
    return { line, problem: `has ${record.length} fields; the header has ${header.length}.` }
  }
  const field = (column: string) => record[header.indexOf(column)] ?? ''
  const unitId = field(columns.unitColumn)
  const variantKey = field(columns.variantColumn)
  if (!unitId) return { line, problem: `${columns.unitColumn} is empty.` }
  const unitProblem = unitIdProblem(unitId)
  if (unitProblem) return { line, problem: told(unitProblem) }
  if (!variantKey) return { line, problem: `${columns.variantColumn} is empty.` }
  const time = columns.timeColumn === null ? null : timeOf(field(columns.timeColumn))
  if (columns.timeColumn !== null && time === null) {
    const text = JSON.stringify(field(columns.timeColumn))
    return { line, problem: `${columns.timeColumn} is ${text}, not a time such as 2026-02-28T09:30:00Z.` }
  }
  const untimely = time === null ? null : timeProblem(new Date(time), receivedAt, retentionDays)
  if (untimely) return { line, problem: told(untimely) }
  const amounts: number[] = []
  for (const metric of columns.metrics) {
    const amount = amountOf(metric, field(metric.column))
    if (typeof amount === 'string') return { line, problem: amount }
    amounts.push(amount)
  }
  return { line, unitId, variantKey, time, amounts }
}

/** As the server reads times: whole, in RFC 3339; null for none. What Date guesses depends on where the machine stands. */
function timeOf(text: string): string | null {
  try {
    return DateTimeScalar.parseValue(text).toISOString()
  } catch {
    return null
  }
}

/** A rule of the server, as it names it. */
export function told({ code, message }: Problem): string {
  return `${code}: ${message}`
}

const EXPECTED: Record<ImportedMetric['kind'], string> = {
  PROPORTION: 'true, false or a number',
  MEAN: 'a number',
  COUNT: `a whole number from 0 to ${MOST_EVENTS}`,
}

const TRUTH = new Map([
  ['true', 1],
  ['t', 1],
  ['yes', 1],
  ['false', 0],
  ['f', 0],
  ['no', 0],
])

/** The amount, or what is wrong with the field. */
function amountOf({ column, kind }: ImportedMetric, text: string): number | string {
  const truth = kind === 'PROPORTION' ? TRUTH.get(text.toLowerCase()) : undefined
  if (truth !== undefined) return truth
  const number = text === '' ? Number.NaN : Number(text)
  const isCount = Number.isInteger(number) && number >= 0 && number <= MOST_EVENTS
  if (Number.isNaN(number) || (kind === 'COUNT' && !isCount)) {
    return `${column} is ${JSON.stringify(text)}, not ${EXPECTED[kind]}.`
  }
  if (kind === 'PROPORTION') return number > 0 ? 1 : 0
  const problem = valueProblem(number)
  return problem ? `${column}: ${told(problem)}` : number
}
