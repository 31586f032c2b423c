import { type ApiClient, type Result, successOf } from './api-client.ts'

export const DEMO_EXPERIMENT = 'checkout-button'

const CREATE_METRIC = `mutation ($input: CreateMetricInput!) {
  createMetric(input: $input) { ... on CreateMetricSuccess { metric { id } } ... on Error { code message } }
}`
const CREATE_EXPERIMENT = `mutation ($input: CreateExperimentInput!) {
  createExperiment(input: $input) { ... on CreateExperimentSuccess { experiment { id } } ... on Error { code message } }
}`
const START_EXPERIMENT = `mutation ($input: StartExperimentInput!) {
  startExperiment(input: $input) { ... on StartExperimentSuccess { experiment { id } } ... on Error { code message } }
}`

const METRICS = [
  { key: 'purchase', name: 'Purchased', kind: 'PROPORTION', eventName: 'purchase' },
  { key: 'revenue', name: 'Revenue per visitor', kind: 'MEAN', eventName: 'purchase', aggregate: 'SUM' },
  {
    key: 'support-contact',
    name: 'Asked for help',
    kind: 'PROPORTION',
    eventName: 'support_contact',
    direction: 'DECREASE',
  },
  {
    key: 'page-load-p90',
    name: 'Page load, 90th percentile in ms',
    kind: 'QUANTILE',
    eventName: 'page_loaded',
    quantile: 0.9,
    direction: 'DECREASE',
  },
]

/** An experiment as a shop would run it: two buttons, a primary metric, a secondary one and two guardrails, by device. */
export async function createDemoExperiment(api: ApiClient): Promise<void> {
  const run = async (query: string, input: object) =>
    successOf(Object.values(await api.call<Record<string, Result<object>>>(query, { input }))[0]!)
  for (const metric of METRICS) await run(CREATE_METRIC, metric)
  await run(CREATE_EXPERIMENT, {
    key: DEMO_EXPERIMENT,
    name: 'Checkout button',
    hypothesis: 'A button that names the price is pressed more often.',
    tags: ['checkout'],
    variants: [
      { key: 'plain', name: 'Buy now', isControl: true, weightBasisPoints: 5_000, config: { label: 'Buy now' } },
      { key: 'priced', name: 'Buy for the price', weightBasisPoints: 5_000, config: { label: 'Buy for {price}' } },
    ],
    metrics: [
      { metricKey: 'purchase', role: 'PRIMARY' },
      { metricKey: 'revenue', role: 'SECONDARY' },
      {
        metricKey: 'support-contact',
        role: 'GUARDRAIL',
        nonInferiorityMargin: { value: 0.01, scale: 'ABSOLUTE' },
      },
      { metricKey: 'page-load-p90', role: 'GUARDRAIL' },
    ],
    plannedDurationDays: 14,
    analysis: { plannedSampleSize: 20_000, dimensions: [{ key: 'device', values: ['phone', 'desktop'] }] },
  })
  await run(START_EXPERIMENT, { experimentKey: DEMO_EXPERIMENT })
}
