import { type ApiClient, type Result, successOf } from './api-client.ts'
import { type ImportedMetric, type ImportOptions, UsageError } from './import-options.ts'

const FIND = `query Find($key: String!) { experiment(key: $key) { key status startedAt variants { key isControl } } }`

const FIND_METRIC = `query FindMetric($key: String!) { metric(key: $key) { kind definition { eventName } } }`

const CREATE_METRIC = `mutation CreateMetric($input: CreateMetricInput!) {
  createMetric(input: $input) { ... on CreateMetricSuccess { metric { key } } ... on Error { code message } }
}`

const CREATE_EXPERIMENT = `mutation CreateExperiment($input: CreateExperimentInput!) {
  createExperiment(input: $input) { ... on CreateExperimentSuccess { experiment { key } } ... on Error { code message } }
}`

const START = `mutation Start($input: StartExperimentInput!) {
  startExperiment(input: $input) {
    ... on StartExperimentSuccess { experiment { startedAt } } ... on Error { code message }
  }
}`

/** What the file says of the experiment as a whole. */
export interface FileSummary {
  variantKeys: string[]
  /** Earliest time of a row, where the rows have times. */
  firstTime: string | null
}

export interface ImportTarget {
  /** When its units count as exposed, unless their rows say. */
  startedAt: string
  /** Name of the events of each metric, by column. */
  eventNames: ReadonlyMap<string, string>
}

interface Found {
  experiment: { status: string; startedAt: string | null; variants: Array<{ key: string; isControl: boolean }> } | null
}

/** Makes sure that the metrics are there and that the experiment runs. */
export async function ensureExperiment(
  api: ApiClient,
  options: ImportOptions,
  summary: FileSummary,
): Promise<ImportTarget> {
  const { experiment: existing } = await api.call<Found>(FIND, { key: options.experiment })
  if (existing) assertSameControl(existing, options)
  const eventNames = new Map<string, string>()
  for (const metric of options.metrics) eventNames.set(metric.column, await ensureMetric(api, metric))
  if (!existing) await design(api, options, summary.variantKeys)
  if (existing?.startedAt) return { startedAt: existing.startedAt, eventNames }
  const { startExperiment } = await api.call<{ startExperiment: Result<{ experiment: { startedAt: string } }> }>(
    START,
    {
      input: { experimentKey: options.experiment, startedAt: summary.firstTime },
    },
  )
  return { startedAt: successOf(startExperiment).experiment.startedAt, eventNames }
}

function assertSameControl(
  { variants }: NonNullable<Found['experiment']>,
  { experiment, control }: ImportOptions,
): void {
  const existing = variants.find((variant) => variant.isControl)
  if (existing?.key !== control) {
    throw new UsageError(
      `The experiment ${experiment} exists with the control ${existing?.key ?? 'none'}, not ${control}.`,
    )
  }
}

/** @returns the name of the events that the metric reads */
async function ensureMetric(api: ApiClient, { column, kind }: ImportedMetric): Promise<string> {
  const input = { key: column, name: column, kind, eventName: column }
  const { createMetric } = await api.call<{ createMetric: Result<object> }>(CREATE_METRIC, { input })
  if (createMetric.code !== 'KEY_TAKEN') {
    successOf(createMetric)
    return column
  }
  const { metric } = await api.call<{
    metric: { kind: string; definition: { eventName: string } } | null
  }>(FIND_METRIC, { key: column })
  if (metric?.kind !== kind) {
    throw new UsageError(`The metric ${column} exists and is of kind ${metric?.kind ?? 'unknown'}, not ${kind}.`)
  }
  return metric.definition.eventName
}

async function design(api: ApiClient, options: ImportOptions, variantKeys: string[]): Promise<void> {
  if (!variantKeys.includes(options.control)) {
    throw new UsageError(
      `The file has no unit of the control ${options.control}; its variants are ${variantKeys.join(', ') || 'none'}.`,
    )
  }
  const input = {
    key: options.experiment,
    name: options.experiment,
    tags: ['imported'],
    variants: variantKeys.map((key, index) => ({
      key,
      isControl: key === options.control,
      weightBasisPoints: evenWeight(index, variantKeys.length),
    })),
    metrics: options.metrics.map(({ column }, index) => ({
      metricKey: column,
      role: index === 0 ? 'PRIMARY' : 'SECONDARY',
    })),
  }
  const { createExperiment } = await api.call<{ createExperiment: Result<object> }>(CREATE_EXPERIMENT, { input })
  // Somebody else who imports the same file at the same moment has created it: then it is there.
  if (createExperiment.code !== 'KEY_TAKEN') successOf(createExperiment)
}

/** Even shares in basis points that sum to exactly 10,000. */
function evenWeight(index: number, count: number): number {
  return Math.floor((10_000 * (index + 1)) / count) - Math.floor((10_000 * index) / count)
}
