import type { Problem } from '../../shared/domain-error.ts'
import type { MetricKind } from '../metrics/metric-definition.ts'
import type { Json } from './config-schema.ts'
import type { AssignmentAlgorithm, MetricRole } from './experiment.enums.ts'
import { ALL_BASIS_POINTS, weightsSum } from './variant-weights.ts'

export interface Design {
  variants: ReadonlyArray<{ key: string; isControl: boolean; weightBasisPoints: number; config?: Json | null }>
  algorithm: AssignmentAlgorithm
  metrics: ReadonlyArray<{ key: string; kind: MetricKind; role: MetricRole; isArchived: boolean }>
  /** Whether variants must have a config. */
  hasConfigSchema: boolean
}

/** Every rule that a design breaks and that keeps an experiment from starting. */
export function startProblems({ variants, algorithm, metrics, hasConfigSchema }: Design): Problem[] {
  return [
    ...variantProblems(variants),
    ...weightProblems(variants),
    ...metricProblems(metrics),
    ...(algorithm === 'THOMPSON' ? learningProblems(metrics) : []),
    ...(hasConfigSchema ? missingConfigs(variants) : []),
  ]
}

/** Weights that do not share out all of the enrolled units. */
export function weightProblems(variants: Design['variants']): Problem[] {
  const sum = weightsSum(variants)
  if (sum === ALL_BASIS_POINTS) return []
  const message = `Variant weights sum to ${sum} basis points; they must sum to ${ALL_BASIS_POINTS}.`
  return [{ code: 'WEIGHTS_SUM', message }]
}

function variantProblems(variants: Design['variants']): Problem[] {
  const problems: Problem[] = []
  const controls = variants.filter((variant) => variant.isControl)
  if (variants.length < 2) {
    problems.push({
      code: 'TOO_FEW_VARIANTS',
      message: `The experiment has ${variants.length} variants; it needs at least 2.`,
    })
  }
  if (controls.length !== 1) {
    const named = controls.map((variant) => variant.key).join(', ') || 'none'
    problems.push({
      code: 'CONTROL_COUNT',
      message: `The controls are: ${named}; exactly one variant must be the control.`,
    })
  }
  return problems
}

function metricProblems(metrics: Design['metrics']): Problem[] {
  const problems: Problem[] = metrics
    .filter((metric) => metric.isArchived)
    .map(({ key }) => ({
      code: 'METRIC_ARCHIVED',
      message: `The metric ${key} is archived; remove it or unarchive it before the start.`,
    }))
  if (!metrics.some((metric) => metric.role === 'PRIMARY')) {
    problems.unshift({
      code: 'NO_PRIMARY_METRIC',
      message: 'The experiment has no metric with the role PRIMARY; it needs at least one.',
    })
  }
  return problems
}

/** What is learnt by sums over units cannot be a quantile. */
function learningProblems(metrics: Design['metrics']): Problem[] {
  const learnt = metrics.find(({ role }) => role === 'PRIMARY')
  if (learnt?.kind !== 'QUANTILE') return []
  const message = `The first primary metric, ${learnt.key}, is a QUANTILE; THOMPSON learns from every other kind.`
  return [{ code: 'ALGORITHM_METRIC', message }]
}

function missingConfigs(variants: Design['variants']): Problem[] {
  return variants
    .filter((variant) => !variant.config)
    .map(({ key }) => ({
      code: 'CONFIG_INVALID',
      message: `The variant ${key} has no config, but the experiment has a configSchema that each config must satisfy.`,
    }))
}
