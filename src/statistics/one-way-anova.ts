import { logFUpper } from './distributions.ts'
import { NotComputable } from './not-computable.ts'
import type { ArmEstimate } from './sample-summary.ts'

export interface OneWayAnova {
  /** F. */
  statistic: number
  betweenDegrees: number
  withinDegrees: number
  pValue: number
  log10PValue: number
  /** Share of the variance that lies between the variants, η², in [0, 1]. */
  etaSquared: number
}

/**
 * Whether k variants have the same mean, supposing equal variances.
 * @param arms - with sample variances (n − 1)
 * @see Fisher (1925), Statistical Methods for Research Workers, ch. 7
 * @returns NotComputable: FEWER_THAN_TWO_ARMS, INSUFFICIENT_UNITS, ZERO_VARIANCE when no arm varies
 */
export function oneWayAnova(arms: readonly ArmEstimate[]): OneWayAnova | NotComputable {
  const present = arms.filter(({ units }) => units > 0)
  if (present.length < 2) return new NotComputable('FEWER_THAN_TWO_ARMS')
  const units = present.reduce((sum, arm) => sum + arm.units, 0)
  const withinDegrees = units - present.length
  if (withinDegrees < 1) return new NotComputable('INSUFFICIENT_UNITS')
  const mean = present.reduce((sum, arm) => sum + (arm.units / units) * arm.mean, 0)
  const between = present.reduce((sum, arm) => sum + arm.units * (arm.mean - mean) ** 2, 0)
  const within = present.reduce((sum, arm) => sum + (arm.units - 1) * arm.unitVariance, 0)
  if (within === 0) return new NotComputable('ZERO_VARIANCE')
  const betweenDegrees = present.length - 1
  const statistic = between / betweenDegrees / (within / withinDegrees)
  const logP = logFUpper(statistic, betweenDegrees, withinDegrees)
  return {
    statistic,
    betweenDegrees,
    withinDegrees,
    pValue: Math.exp(logP),
    log10PValue: logP * Math.LOG10E || 0,
    etaSquared: between / (between + within),
  }
}
