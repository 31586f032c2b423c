import type { ImportOptions } from './import-options.ts'
import { type ImportedRow, readRows, type TakenTimes } from './import-rows.ts'

/** What a file says as a whole, which is known before any of it is sent. */
export interface FileSurvey {
  rows: number
  variantKeys: string[]
  /** Earliest time of a row, where the rows have times. */
  firstTime: string | null
  /** By line: what is wrong with it. */
  problems: Map<number, string>
  /** Lines that show a unit in another variant than the line before them did: their exposures alone are told. */
  crossings: ReadonlySet<number>
}

/** Reads the file once. A unit has one row, the first. */
export async function surveyFile(options: ImportOptions, taken: TakenTimes): Promise<FileSurvey> {
  const problems = new Map<number, string>()
  const crossings = new Set<number>()
  const variants = new Set<string>()
  const firstRows = new Map<string, Pick<ImportedRow, 'line' | 'variantKey'>>()
  let firstTime: string | null = null
  let rows = 0
  for await (const row of readRows(options.file, options, taken)) {
    rows++
    if ('problem' in row) {
      problems.set(row.line, row.problem)
      continue
    }
    const { line, unitId, variantKey, time } = row
    const first = firstRows.get(unitId)
    if (first) {
      const isCrossing = variantKey !== first.variantKey
      problems.set(line, repeated(options, unitId, first.line, isCrossing))
      if (!isCrossing) continue
      crossings.add(line)
    } else {
      firstRows.set(unitId, { line, variantKey })
    }
    variants.add(variantKey)
    if (time !== null && (firstTime === null || time < firstTime)) firstTime = time
  }
  return { rows, variantKeys: [...variants].sort(), firstTime, problems, crossings }
}

function repeated({ unitColumn }: ImportOptions, unitId: string, firstLine: number, isCrossing: boolean): string {
  const rule = `${unitColumn} ${JSON.stringify(unitId)} stands in line ${firstLine} already; a unit has one row`
  return isCrossing ? `${rule}. This one names another variant, which leaves the unit out of the analysis.` : `${rule}.`
}

/** The rows of a surveyed file that are sent. */
export async function* rowsToSend(
  options: ImportOptions,
  { problems, crossings }: FileSurvey,
  taken: TakenTimes,
): AsyncGenerator<ImportedRow> {
  for await (const row of readRows(options.file, options, taken)) {
    if ('problem' in row) continue
    if (crossings.has(row.line)) yield { ...row, amounts: row.amounts.map(() => 0) }
    else if (!problems.has(row.line)) yield row
  }
}
