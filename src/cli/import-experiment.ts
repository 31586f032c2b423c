import { type ApiClient, ApiError, type Result, successOf } from './api-client.ts'
import type { ImportedMetric, ImportOptions } from './import-options.ts'
import type { FileSurvey } from './import-survey.ts'

const DEFINITION = 'definition { kind eventName filters { property } }'

const FIND = `query Find($key: String!) {
  experiment(key: $key) { startedAt variants { key isControl } metrics { metric { key } ${DEFINITION} } }
}`

const FIND_METRIC = `query FindMetric($key: String!) { metric(key: $key) { ${DEFINITION} } }`

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

export interface ImportTarget {
  /** When its units count as exposed, unless their rows say. */
  startedAt: string
  /** Name of the events of each metric, by column. */
  eventNames: ReadonlyMap<string, string>
}

interface Definition {
  kind: string
  eventName: string
  filters: object[]
}

interface Existing {
  startedAt: string | null
  variants: Array<{ key: string; isControl: boolean }>
  metrics: Array<{ metric: { key: string }; definition: Definition }>
}

type Survey = Pick<FileSurvey, 'variantKeys' | 'firstTime' | 'problems'>

/**
 * Makes sure that the metrics are there and that the experiment runs.
 * @throws Error, before anything is made, where what is there already does not fit the file
 */
export async function ensureExperiment(api: ApiClient, options: ImportOptions, survey: Survey): Promise<ImportTarget> {
  // What is made at the same moment by somebody else, or was by a call whose answer was lost, must fit as well.
  for (let mostTaken = options.metrics.length + 1; ; mostTaken--) {
    try {
      return await ensureOnce(api, options, survey)
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'KEY_TAKEN' || mostTaken === 0) throw error
    }
  }
}

async function ensureOnce(api: ApiClient, options: ImportOptions, survey: Survey): Promise<ImportTarget> {
  const { experiment: existing } = await api.call<{ experiment: Existing | null }>(FIND, { key: options.experiment })
  if (existing) assertVariants(existing, options, survey)
  else assertControl(options, survey)
  const definitions = await definitionsOf(api, options, existing)
  const eventNames = eventNamesOf(options, definitions)
  for (const metric of options.metrics) if (!definitions.has(metric.column)) await createMetric(api, metric)
  if (!existing) await design(api, options, survey.variantKeys)
  if (existing?.startedAt) return { startedAt: existing.startedAt, eventNames }
  const { startExperiment } = await api.call<{ startExperiment: Result<{ experiment: { startedAt: string } }> }>(
    START,
    { input: { experimentKey: options.experiment, startedAt: survey.firstTime } },
  )
  return { startedAt: successOf(startExperiment).experiment.startedAt, eventNames }
}

function assertVariants({ variants }: Existing, { experiment, control }: ImportOptions, { variantKeys }: Survey): void {
  const existing = variants.find((variant) => variant.isControl)
  if (existing?.key !== control) {
    throw new Error(`The experiment ${experiment} exists with the control ${existing?.key ?? 'none'}, not ${control}.`)
  }
  const known = variants.map(({ key }) => key)
  const missing = variantKeys.find((key) => !known.includes(key))
  if (missing !== undefined) {
    throw new Error(
      `The experiment ${experiment} exists without the variant ${missing} of the file; its variants are ${known.join(', ')}.`,
    )
  }
}

function assertControl({ control }: ImportOptions, { variantKeys, problems }: Survey): void {
  if (!variantKeys.includes(control)) {
    const [leftOut] = problems
    throw new Error(
      `The file has no unit of the control ${control}; its variants are ${variantKeys.join(', ') || 'none'}.${leftOut ? ` Left out is line ${leftOut.join(' ')}` : ''}`,
    )
  }
}

/** Of the metrics that are there already, by column: as the experiment measures them, or as they stand. */
async function definitionsOf(
  api: ApiClient,
  { experiment, metrics }: ImportOptions,
  existing: Existing | null,
): Promise<ReadonlyMap<string, Definition>> {
  const definitions = new Map<string, Definition>()
  for (const { column, kind } of metrics) {
    const definition = existing
      ? existing.metrics.find(({ metric }) => metric.key === column)?.definition
      : (await api.call<{ metric: { definition: Definition } | null }>(FIND_METRIC, { key: column })).metric?.definition
    if (existing && !definition) {
      const known = existing.metrics.map(({ metric }) => metric.key).join(', ')
      throw new Error(`The experiment ${experiment} exists without the metric ${column}; its metrics are ${known}.`)
    }
    if (!definition) continue
    if (definition.kind !== kind) {
      throw new Error(`The metric ${column} exists and is of kind ${definition.kind}, not ${kind}.`)
    }
    if (definition.filters.length > 0) {
      throw new Error(`The metric ${column} exists and reads only events with certain properties; a file has none.`)
    }
    definitions.set(column, definition)
  }
  return definitions
}

function eventNamesOf({ metrics }: ImportOptions, definitions: ReadonlyMap<string, Definition>): Map<string, string> {
  const eventNames = new Map<string, string>()
  for (const { column } of metrics) {
    const name = definitions.get(column)?.eventName ?? column
    const other = [...eventNames].find(([, taken]) => taken === name)?.[0]
    if (other !== undefined) {
      throw new Error(`The metrics ${other} and ${column} both read events named ${name}; each would count for both.`)
    }
    eventNames.set(column, name)
  }
  return eventNames
}

async function createMetric(api: ApiClient, { column, kind }: ImportedMetric): Promise<void> {
  const input = { key: column, name: column, kind, eventName: column }
  const answer = await api.call<{ createMetric: Result<object> }>(CREATE_METRIC, { input })
  successOf(answer.createMetric)
}

async function design(api: ApiClient, options: ImportOptions, variantKeys: string[]): Promise<void> {
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
  successOf(createExperiment)
}

/** Even shares in basis points that sum to exactly 10,000. */
function evenWeight(index: number, count: number): number {
  return Math.floor((10_000 * (index + 1)) / count) - Math.floor((10_000 * index) / count)
}
