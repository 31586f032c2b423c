import { DEFAULT_ANALYSIS_PLAN } from '../../src/modules/experiments/analysis-plan.ts'
import type { ExperimentDefinition } from '../../src/modules/experiments/experiment-definition.ts'

export interface Allocation {
  weights: number[]
  trafficBasisPoints: number
}

/** A running experiment whose last allocation is the present one; variant ids are 1, 2, … in the order of the weights. */
export function experimentDefinition(
  allocations: readonly Allocation[],
  changes: Partial<ExperimentDefinition> = {},
): ExperimentDefinition {
  const { weights, trafficBasisPoints } = allocations.at(-1)!
  return {
    id: 1,
    key: 'checkout',
    status: 'RUNNING',
    unitType: 'user',
    algorithm: 'HASH',
    seed: 'seed',
    trafficBasisPoints,
    targeting: null,
    tags: [],
    timeZone: 'UTC',
    startedAt: new Date(0),
    endedAt: null,
    analysis: DEFAULT_ANALYSIS_PLAN,
    variants: weights.map((weightBasisPoints, index) => ({
      id: index + 1,
      key: `v${index}`,
      isControl: index === 0,
      weightBasisPoints,
      config: null,
    })),
    overrides: new Map(),
    epochs: allocations.map((allocation, index) => ({
      number: index + 1,
      startedAt: new Date(index),
      weights: new Map(allocation.weights.map((weight, variant) => [variant + 1, weight])),
      trafficBasisPoints: allocation.trafficBasisPoints,
      targeting: null,
    })),
    primaryMetric: null,
    ...changes,
  }
}
