import { parseArgs } from 'node:util'

export type ImportedKind = 'PROPORTION' | 'MEAN' | 'COUNT'

export interface ImportedMetric {
  /** Column of the file, key of the metric and name of its events. */
  column: string
  kind: ImportedKind
}

export interface ImportOptions {
  file: string
  url: string
  apiKey: string
  experiment: string
  unitColumn: string
  variantColumn: string
  timeColumn: string | null
  control: string
  metrics: ImportedMetric[]
  batchSize: number
}

/** A wrong command line; its message is the one line that the user sees. */
export class UsageError extends Error {}

export const IMPORT_USAGE = `Usage: npm run import -- --experiment KEY --unit COLUMN --variant COLUMN --control VARIANT --metric COLUMN:KIND [...] FILE.csv
  --metric COLUMN:KIND   proportion (true, 1, yes or a number above 0 converts), mean or count; the first is the primary metric
  --time COLUMN          time of the first exposure (RFC 3339); the start of the experiment unless told
  --batch N              items sent at once, 1 to 5000 (2000)
  --url URL              address of the GraphQL API (ASSAY_URL, or http://127.0.0.1:4000/graphql)
  --key KEY              an admin key (ASSAY_API_KEY)`

/** @throws UsageError naming what is missing or wrong */
export function importOptions(argv: string[], env: NodeJS.ProcessEnv): ImportOptions {
  const { values, positionals } = parse(argv)
  const required = (name: 'experiment' | 'unit' | 'variant' | 'control') => {
    const value = values[name]
    if (!value) throw new UsageError(`--${name} is missing.`)
    return value
  }
  const [file, ...more] = positionals
  if (!file || more.length > 0) throw new UsageError('Name exactly one CSV file.')
  if (!values.metric?.length) throw new UsageError('--metric is missing; name at least one.')
  const apiKey = values.key ?? env.ASSAY_API_KEY
  if (!apiKey) throw new UsageError('Give an admin key: --key or ASSAY_API_KEY.')
  const metrics = values.metric.map(importedMetric)
  const twice = metrics.find(({ column }, index) => metrics.findIndex((other) => other.column === column) !== index)
  if (twice) throw new UsageError(`--metric names the column ${twice.column} twice.`)
  const batchSize = Number(values.batch ?? 2_000)
  if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > 5_000) {
    throw new UsageError(`--batch is ${values.batch}; it takes 1 to 5000.`)
  }
  return {
    file,
    url: values.url ?? env.ASSAY_URL ?? 'http://127.0.0.1:4000/graphql',
    apiKey,
    experiment: required('experiment'),
    unitColumn: required('unit'),
    variantColumn: required('variant'),
    timeColumn: values.time ?? null,
    control: required('control'),
    metrics,
    batchSize,
  }
}

function parse(argv: string[]) {
  const text = { type: 'string' } as const
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        experiment: text,
        unit: text,
        variant: text,
        time: text,
        control: text,
        metric: { type: 'string', multiple: true },
        batch: text,
        url: text,
        key: text,
      },
    })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function importedMetric(text: string): ImportedMetric {
  const [column, kind, ...rest] = text.split(':')
  const upper = kind?.toUpperCase()
  if (!column || rest.length > 0 || (upper !== 'PROPORTION' && upper !== 'MEAN' && upper !== 'COUNT')) {
    throw new UsageError(`--metric ${text} is not COLUMN:proportion, COLUMN:mean or COLUMN:count.`)
  }
  return { column, kind: upper }
}
