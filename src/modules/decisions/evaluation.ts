import { ENGINE_VERSION } from '../../statistics/engine-version.ts'
import type { StartedExperiment } from '../experiments/definition-cache.ts'
import type { Aggregates } from '../ingestion/aggregates.read-model.ts'
import type { StoredLook } from '../results/group-sequential-looks.ts'
import type { ResultSubject } from '../results/result-subject.ts'
import type { ResultSource } from '../results/results.read-model.ts'
import { type Results, resultsOf } from '../results/results.ts'
import { type ExactDifference, exactDifferences, fromExactJson, toExactJson } from './exact-json.ts'

/** The results of an experiment at one moment, and all that they rest on, as plain values. */
export interface Evaluation {
  experiment: StartedExperiment
  subject: ResultSubject
  aggregates: Aggregates
  looks: readonly StoredLook[]
  results: Results
}

export function evaluationOf({ experiment, aggregates, looks, results: { computedAt } }: ResultSource): Evaluation {
  const subject = plainSubject(experiment)
  return { experiment, subject, aggregates, looks, results: resultsOf(subject, aggregates, computedAt, looks) }
}

/** What is remembered of the last evaluation of an experiment. */
export interface LastEvaluation {
  version: number
  recommendation: string
  winnerVariantId: number | null
}

/** Whether an evaluation brings anything that was not stored before. */
export function isNews({ results }: Evaluation, last: LastEvaluation | null): boolean {
  return last?.version !== results.version
}

/** Whether another decision is advised than before. */
export function isNewRecommendation({ results: { decision } }: Evaluation, last: LastEvaluation | null): boolean {
  if (!last) return true
  return last.recommendation !== decision.recommendation || last.winnerVariantId !== (decision.winner?.id ?? null)
}

/** What a decision keeps of the evaluation that it rests on: the texts are exact JSON. */
export function recordOf({ experiment, subject, aggregates, looks, results }: Evaluation) {
  const { decision, computedAt, exposedUnits } = results
  return {
    organizationId: experiment.entity.organizationId,
    experimentId: subject.id,
    decidedAt: computedAt,
    recommendation: decision.recommendation,
    winnerVariantId: decision.winner?.id ?? null,
    reasons: decision.reasons,
    exposedUnits,
    engineVersion: ENGINE_VERSION,
    subject: toExactJson(subject),
    aggregates: toExactJson(aggregates),
    looks: toExactJson(looks),
    results: toExactJson(results),
  }
}

/** Computes stored results again, from the stored aggregates with the stored plan, and compares every number to the bit. */
export function verify(stored: {
  subject: string
  aggregates: string
  looks: string
  results: string
}): ExactDifference[] {
  const { computedAt } = fromExactJson<Results>(stored.results)
  const again = resultsOf(
    fromExactJson<ResultSubject>(stored.subject),
    fromExactJson<Aggregates>(stored.aggregates),
    computedAt,
    fromExactJson<StoredLook[]>(stored.looks),
  )
  return exactDifferences(stored.results, toExactJson(again))
}

/** Values alone: an evaluation must not change with the entities. */
export function plainSubject({ definition, metrics }: StartedExperiment): ResultSubject {
  const { id, key, status, algorithm, analysis, epochs, variants } = definition
  return {
    id,
    key,
    status,
    algorithm,
    analysis,
    epochs: epochs.map(({ number, weights }) => ({ number, weights })),
    variants: variants.map((variant) => ({ id: variant.id, key: variant.key, isControl: variant.isControl })),
    metrics: metrics.map(({ metric, role, margin, definition: own }) => ({
      metric: { id: metric.id, key: metric.key },
      role,
      margin,
      definition: own,
    })),
  }
}
