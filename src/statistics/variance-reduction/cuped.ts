import { type Difference, liftBaseOf, meanDifference } from '../comparison.ts'
import type { Estimate } from '../estimate-test.ts'
import { NotComputable } from '../not-computable.ts'
import { assertProducts } from '../ratio-summary.ts'
import { type ArmEstimate, estimateMean, type SampleSummary } from '../sample-summary.ts'
import { centredProducts, centringNoise } from '../special-functions/centred-products.ts'

/** Sums over units of a metric, of its covariate from before exposure, and of their products. Summaries of parts add up. */
export interface CupedSummary {
  count: number
  sum: number
  sumOfSquares: number
  /** Of the covariate; units without history count as 0. */
  preSum: number
  preSumOfSquares: number
  crossProduct: number
}

export interface CupedAdjustment {
  /** One regression coefficient for both arms; 0 where the covariate does not vary. */
  theta: number
  isApplied: boolean
  control: ArmEstimate
  treatment: ArmEstimate
  /** Of the adjusted means; a lift divides by the unadjusted mean of the control. */
  difference: Difference
  /** Share of the variance of the difference that the covariate took away, about ρ²; not below 0 but by chance. */
  varianceReduction: number
}

/** Divisor of variances: n − 1, or n for rates, whose variance is p(1 − p). */
export type VarianceDivisor = 'SAMPLE' | 'BERNOULLI'

/**
 * Regression adjustment by a covariate from before exposure: y − θ(x − x̄), with θ = cov/var over both arms and x̄ their common
 * mean. Changes nothing in expectation, as the randomized arms have the same covariate.
 * @see Deng, Xu, Kohavi, Walker (2013), Improving the sensitivity of online controlled experiments, WSDM
 * @returns NotComputable: NO_UNITS, INSUFFICIENT_UNITS below 2 units in an arm, PRECISION_LOST
 * @throws RangeError if no set of pairs has a summary
 */
export function cuped(
  control: CupedSummary,
  treatment: CupedSummary,
  divisor: VarianceDivisor = 'SAMPLE',
): CupedAdjustment | NotComputable {
  const raw = [control, treatment].map((arm) => rawEstimate(arm, divisor))
  const reason = raw.find((arm) => arm instanceof NotComputable)
  if (reason instanceof NotComputable) return reason
  const [rawControl, rawTreatment] = raw as [ArmEstimate, ArmEstimate]
  const pooled = addCuped(control, treatment)
  const spread = centredProducts(pooled.count, pooled.preSum, pooled.preSum, pooled.preSumOfSquares)
  const isApplied = spread > centringNoise(pooled.count, pooled.preSumOfSquares)
  const theta = isApplied ? centredProducts(pooled.count, pooled.preSum, pooled.sum, pooled.crossProduct) / spread : 0
  const centre = pooled.preSum / pooled.count
  const adjusted = (arm: CupedSummary, plain: ArmEstimate): ArmEstimate => ({
    units: plain.units,
    mean: plain.mean - theta * (arm.preSum / arm.count - centre),
    unitVariance: theta === 0 ? plain.unitVariance : adjustedVariance(arm, theta, divisor),
  })
  const [c, t] = [adjusted(control, rawControl), adjusted(treatment, rawTreatment)]
  const difference = meanDifference(c, t)
  const before = rawControl.unitVariance / rawControl.units + rawTreatment.unitVariance / rawTreatment.units
  const covariance = rawControl.unitVariance - theta * covarianceOf(control, divisor)
  return {
    theta,
    isApplied,
    control: c,
    treatment: t,
    difference: {
      ...difference,
      base: {
        mean: rawControl.mean,
        variance: rawControl.unitVariance / rawControl.units,
        // The adjusted mean of the control moves with the unadjusted one.
        covariance: -covariance / rawControl.units,
      },
    },
    varianceReduction: before > 0 ? 1 - (difference.control.variance + difference.treatment.variance) / before : 0,
  }
}

/**
 * Lift of the adjusted difference over the unadjusted mean of the control, by the delta method: its variance needs that this
 * mean and the adjusted ones move together.
 * @see Deng, Knoblich, Lu (2018), KDD, section 3.1
 * @returns NotComputable: CONTROL_MEAN_ZERO, ZERO_VARIANCE, and what cuped returns
 * @throws RangeError if no set of pairs has a summary
 */
export function cupedLift(
  control: CupedSummary,
  treatment: CupedSummary,
  divisor: VarianceDivisor = 'SAMPLE',
): Estimate | NotComputable {
  const adjustment = cuped(control, treatment, divisor)
  if (adjustment instanceof NotComputable) return adjustment
  const { theta, difference } = adjustment
  const { mean, variance, covariance } = liftBaseOf(difference)
  if (mean === 0) return new NotComputable('CONTROL_MEAN_ZERO')
  // Lift as (y_t − θ(x_t − x_c))/y_c − 1: by y_c it changes with −y_t/y_c², by x_c with θ/y_c.
  const ratio = treatment.sum / treatment.count / mean
  const shared = variance + covariance
  const own = variance * ratio * ratio + (difference.control.variance - variance + 2 * shared) - 2 * shared * ratio
  const total = difference.treatment.variance + (theta === 0 ? variance * ratio * ratio : own)
  if (!(total > 0)) return new NotComputable('ZERO_VARIANCE')
  return {
    estimate: difference.estimate / Math.abs(mean),
    standardError: Math.sqrt(total) / Math.abs(mean),
    degreesOfFreedom: difference.degreesOfFreedom,
  }
}

export function addCuped(a: CupedSummary, b: CupedSummary): CupedSummary {
  return {
    count: a.count + b.count,
    sum: a.sum + b.sum,
    sumOfSquares: a.sumOfSquares + b.sumOfSquares,
    preSum: a.preSum + b.preSum,
    preSumOfSquares: a.preSumOfSquares + b.preSumOfSquares,
    crossProduct: a.crossProduct + b.crossProduct,
  }
}

function rawEstimate(arm: CupedSummary, divisor: VarianceDivisor): ArmEstimate | NotComputable {
  const pre: SampleSummary = { count: arm.count, sum: arm.preSum, sumOfSquares: arm.preSumOfSquares }
  const estimate = estimateMean(arm)
  // A covariate whose spread is lost to rounding still has a possible sum of squares.
  const covariate = estimateMean(pre)
  assertProducts(arm, pre, arm.crossProduct)
  if (estimate instanceof NotComputable) return estimate
  if (covariate instanceof NotComputable) return covariate
  return { ...estimate, unitVariance: (estimate.unitVariance * (arm.count - 1)) / degreesOf(arm, divisor) }
}

/** v_y + θ² v_x − 2 θ cov, from the centred sums; never below 0 but by rounding. */
function adjustedVariance(arm: CupedSummary, theta: number, divisor: VarianceDivisor): number {
  const { count } = arm
  const squares =
    centredProducts(count, arm.sum, arm.sum, arm.sumOfSquares) +
    theta * theta * centredProducts(count, arm.preSum, arm.preSum, arm.preSumOfSquares) -
    2 * theta * centredProducts(count, arm.preSum, arm.sum, arm.crossProduct)
  const noise = centringNoise(count, arm.sumOfSquares + theta * theta * arm.preSumOfSquares)
  return squares > noise ? squares / degreesOf(arm, divisor) : 0
}

function covarianceOf(arm: CupedSummary, divisor: VarianceDivisor): number {
  return centredProducts(arm.count, arm.preSum, arm.sum, arm.crossProduct) / degreesOf(arm, divisor)
}

function degreesOf({ count }: CupedSummary, divisor: VarianceDivisor): number {
  return divisor === 'SAMPLE' ? count - 1 : count
}
