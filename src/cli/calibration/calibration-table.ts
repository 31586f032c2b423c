import type { Calibration, Share } from './calibrate-population.ts'

const HEADINGS = [
  'method',
  'false positives, one look',
  'false positives, all looks',
  'coverage',
  'power',
  'mean sample',
  'maximum sample',
]

/** The calibrations as a Markdown table per population; shares in percent with the standard error of the simulation. */
export function calibrationTable(calibrations: readonly Calibration[]): string {
  const populations = [...new Set(calibrations.map(({ population }) => population))]
  return populations
    .map((population) => {
      const rows = calibrations.filter((one) => one.population === population).map(cells)
      return `### ${population}\n\n${table([HEADINGS, ...rows])}\n`
    })
    .join('\n')
}

function cells(one: Calibration): string[] {
  return [
    one.method,
    percent(one.oneLook),
    // What a method does that is not made for many looks is shown, not offered.
    one.isSequential ? percent(one.manyLooks) : `(${percent(one.manyLooks)})`,
    percent(one.coverage),
    percent(one.power),
    one.meanSample.toFixed(2),
    one.maximumSample.toFixed(2),
  ]
}

function percent({ value, error }: Share): string {
  return `${(100 * value).toFixed(1)} ± ${(100 * error).toFixed(1)}`
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const line = (row: readonly string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`
  const [headings, ...body] = rows
  return [line(headings!), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n')
}
