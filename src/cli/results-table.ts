/** What the table shows, as the graph answers it. */
export interface TableResults {
  exposedUnits: number
  metrics: Array<{
    metric: { key: string; kind: string }
    role: string
    variants: Array<{
      variant: { key: string; isControl: boolean }
      units: number
      total: number | null
      mean: number | null
    }>
    comparisons: Array<{
      variant: { key: string }
      isSignificant: boolean
      relativeLift: { estimate: number; interval: { lower: number | null; upper: number | null } | null } | null
      test: { name: string; pValue: number } | null
      alwaysValid: { pValue: number } | null
    }>
  }>
}

export const TABLE_QUERY = `query Results($key: String!) {
  experiment(key: $key) {
    results {
      exposedUnits
      metrics {
        metric { key kind } role
        variants { variant { key isControl } units total mean }
        comparisons {
          variant { key } isSignificant
          relativeLift { estimate interval { lower upper } }
          test { name pValue }
          alwaysValid { pValue }
        }
      }
    }
  }
}`

const HEADER = ['metric', 'variant', 'units', 'total', 'mean', 'lift', 'p (one look)', 'p (any look)', 'significant']

/** The results as a table of text, one line per metric and variant. */
export function resultsTable(results: TableResults): string {
  const rows = results.metrics.flatMap(({ metric, variants, comparisons }) =>
    variants.map(({ variant, units, total, mean }) => {
      const comparison = comparisons.find((candidate) => candidate.variant.key === variant.key)
      return [
        metric.key,
        variant.isControl ? `${variant.key} (control)` : variant.key,
        String(units),
        total === null ? '–' : String(total),
        number(mean),
        percent(comparison?.relativeLift?.estimate),
        number(comparison?.test?.pValue),
        number(comparison?.alwaysValid?.pValue),
        comparison ? (comparison.isSignificant ? 'yes' : 'no') : '',
      ]
    }),
  )
  const widths = HEADER.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)))
  const line = (cells: string[]) =>
    cells.map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('  ')
  return [line(HEADER), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line)].join('\n')
}

function number(value: number | null | undefined): string {
  return value == null ? '' : value.toPrecision(5)
}

function percent(value: number | null | undefined): string {
  return value == null ? '' : `${value >= 0 ? '+' : ''}${(value * 100).toFixed(2)} %`
}
