import type { Problem } from '../../shared/domain-error.ts'
import type { MetricRole } from './experiment.enums.ts'
import { ALL_BASIS_POINTS, weightsSum } from './variant-weights.ts'

export interface Design {
  variants: ReadonlyArray<{ key: string; isControl: boolean; weightBasisPoints: number }>
  metrics: ReadonlyArray<{ role: MetricRole }>
}

/** Every rule that a design breaks and that keeps an experiment from starting. */
export function startProblems({ variants, metrics }: Design): Problem[] {
  const problems: Problem[] = []
  const controls = variants.filter((variant) => variant.isControl)
  const sum = weightsSum(variants)
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
  if (sum !== ALL_BASIS_POINTS) {
    problems.push({
      code: 'WEIGHTS_SUM',
      message: `Variant weights sum to ${sum} basis points; they must sum to ${ALL_BASIS_POINTS}.`,
    })
  }
  if (!metrics.some((metric) => metric.role === 'PRIMARY')) {
    problems.push({
      code: 'NO_PRIMARY_METRIC',
      message: 'The experiment has no metric with the role PRIMARY; it needs at least one.',
    })
  }
  return problems
}
