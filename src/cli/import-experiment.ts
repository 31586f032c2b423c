import { type ApiClient, type Result, successOf } from './api-client.ts'
import { type ImportOptions, UsageError } from './import-options.ts'

const FIND = `query Find($key: String!) { experiment(key: $key) { key status startedAt variants { key isControl } } }`

const CREATE_METRIC = `mutation CreateMetric($input: CreateMetricInput!) {
  createMetric(input: $input) { ... on CreateMetricSuccess { metric { key } } ... on Error { code message } }
}`

const CREATE_EXPERIMENT = `mutation CreateExperiment($input: CreateExperimentInput!) {
  createExperiment(input: $input) { ... on CreateExperimentSuccess { experiment { key } } ... on Error { code message } }
}`

const START = `mutation Start($key: String!) {
  startExperiment(input: { experimentKey: $key }) {
    ... on StartExperimentSuccess { experiment { startedAt } } ... on Error { code message }
  }
}`

interface Found {
  experiment: { status: string; startedAt: string | null; variants: Array<{ key: string; isControl: boolean }> } | null
}

/** Makes sure that the experiment runs; gives the time at which its units count as exposed. */
export async function ensureExperiment(api: ApiClient, options: ImportOptions, variantKeys: string[]): Promise<string> {
  const { experiment: existing } = await api.call<Found>(FIND, { key: options.experiment })
  if (!existing) await design(api, options, variantKeys)
  const control = existing?.variants.find((variant) => variant.isControl)
  if (existing && control?.key !== options.control) {
    throw new UsageError(
      `The experiment ${options.experiment} exists with the control ${control?.key ?? 'none'}, not ${options.control}.`,
    )
  }
  if (existing?.startedAt) return existing.startedAt
  const { startExperiment } = await api.call<{ startExperiment: Result<{ experiment: { startedAt: string } }> }>(
    START,
    {
      key: options.experiment,
    },
  )
  return successOf(startExperiment).experiment.startedAt
}

async function design(api: ApiClient, options: ImportOptions, variantKeys: string[]): Promise<void> {
  if (!variantKeys.includes(options.control)) {
    throw new UsageError(
      `The file has no unit of the control ${options.control}; its variants are ${variantKeys.join(', ') || 'none'}.`,
    )
  }
  for (const { column, kind } of options.metrics) {
    const input = { key: column, name: column, kind, eventName: column }
    const { createMetric } = await api.call<{ createMetric: Result<object> }>(CREATE_METRIC, { input })
    if (createMetric.code && createMetric.code !== 'KEY_TAKEN') successOf(createMetric)
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
