import type { Experiment } from '../experiments/experiment.entity.ts'
import { ExperimentResults } from '../results/experiment-results.types.ts'
import type { Results } from '../results/results.ts'
import { fromExactJson } from './exact-json.ts'

/** Results that were stored as exact JSON, with the variants and metrics of their experiment, so that the graph can go on. */
export async function storedResults(experiment: Experiment, text: string): Promise<ExperimentResults> {
  const [variants, used] = await Promise.all([experiment.variants.loadItems(), experiment.metrics.loadItems()])
  const metrics = await Promise.all(used.map(({ metric }) => metric.loadOrFail()))
  const entities = {
    variant: new Map<number, object>(variants.map((variant) => [variant.id, variant])),
    metric: new Map<number, object>(metrics.map((metric) => [metric.id, metric])),
  }
  return ExperimentResults.from(relinked(fromExactJson<Results>(text), entities) as Results)
}

type Entities = Record<'variant' | 'metric', ReadonlyMap<number, object>>

const LINKS: Record<string, keyof Entities> = { variant: 'variant', winner: 'variant', metric: 'metric' }

/** The same with the variants and metrics that it names by their id, so that the graph can go on from them. */
function relinked(value: unknown, entities: Entities): unknown {
  if (Array.isArray(value)) return value.map((item) => relinked(item, entities))
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => {
      const link = LINKS[key]
      if (!link || typeof part !== 'object' || part === null) return [key, relinked(part, entities)]
      return [key, entities[link].get((part as { id: number }).id)]
    }),
  )
}
