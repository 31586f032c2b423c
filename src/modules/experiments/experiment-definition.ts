import type { MetricDirection, MetricKind } from '../metrics/metric-definition.ts'
import type { AnalysisPlan } from './analysis-plan.ts'
import type { AssignmentAlgorithm } from './experiment.enums.ts'
import type { ExperimentStatus } from './experiment-status.ts'

export interface VariantDefinition {
  id: number
  key: string
  isControl: boolean
  weightBasisPoints: number
  config: Record<string, unknown> | null
}

/** Weights, traffic and targeting that stood still from `startedAt` until the next epoch. */
export interface EpochDefinition {
  number: number
  startedAt: Date
  /** Basis points by variant id. */
  weights: ReadonlyMap<number, number>
  trafficBasisPoints: number
  targeting: Record<string, unknown> | null
}

/** Least share that THOMPSON gives an arm, so that each goes on being learned about. */
export const THOMPSON_FLOOR = 0.01

/** What THOMPSON learns from. */
export interface PrimaryMetric {
  metricId: number
  kind: MetricKind
  direction: MetricDirection
}

/** All of an experiment that the hot paths need, as plain values in memory. */
export interface ExperimentDefinition {
  id: number
  key: string
  status: ExperimentStatus
  unitType: string
  algorithm: AssignmentAlgorithm
  seed: string
  trafficBasisPoints: number
  targeting: Record<string, unknown> | null
  tags: readonly string[]
  timeZone: string
  startedAt: Date | null
  endedAt: Date | null
  analysis: AnalysisPlan
  /** In order of position, which is the order of the hash. */
  variants: readonly VariantDefinition[]
  /** Variant id by unit id. */
  overrides: ReadonlyMap<string, number>
  epochs: readonly EpochDefinition[]
  /** The first primary metric, at the version that the experiment keeps. */
  primaryMetric: PrimaryMetric | null
}
