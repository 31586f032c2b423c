import { type Difference, meanDifference } from '../comparison.ts'
import { NotComputable } from '../not-computable.ts'
import { assertProducts, assertRatio, type RatioSummary } from '../ratio-summary.ts'
import type { ArmEstimate } from '../sample-summary.ts'
import { centredProducts, centringNoise } from '../special-functions/centred-products.ts'

/** A ratio metric, the same ratio before exposure, and the products across both. Summaries of parts add up. */
export interface CupedRatioSummary {
  post: RatioSummary
  pre: RatioSummary
  /** Σ numerator · numerator before. */
  numeratorPreNumerator: number
  /** Σ denominator · denominator before. */
  denominatorPreDenominator: number
  /** Σ numerator · denominator before. */
  numeratorPreDenominator: number
  /** Σ denominator · numerator before. */
  denominatorPreNumerator: number
}

export interface CupedRatioAdjustment {
  theta: number
  /** Unadjusted ratios. */
  controlRatio: number
  treatmentRatio: number
  /** Of the adjusted ratios; a lift divides by the unadjusted ratio of the control. */
  difference: Difference
}

/** Linearized moments of one unit's contribution to a ratio and to its covariate. */
interface Linearized {
  variance: number
  preVariance: number
  covariance: number
}

/**
 * Regression adjustment of a ratio of sums by the same ratio from before exposure, both linearized (delta method):
 * R − θ(R_pre − common R_pre), with one θ for both arms.
 * @see Deng, Xu, Kohavi, Walker (2013), WSDM, appendix B; Deng, Knoblich, Lu (2018), KDD
 * @returns NotComputable: NO_UNITS, INSUFFICIENT_UNITS below 2 units in an arm, DENOMINATOR_ZERO
 * @throws RangeError if no set of values has a summary
 */
export function cupedRatio(
  control: CupedRatioSummary,
  treatment: CupedRatioSummary,
): CupedRatioAdjustment | NotComputable {
  const arms = [control, treatment]
  for (const arm of arms) assertCupedRatio(arm)
  const fewest = Math.min(...arms.map(({ post }) => post.count))
  if (fewest < 2) return new NotComputable(fewest === 0 ? 'NO_UNITS' : 'INSUFFICIENT_UNITS')
  if (arms.some(({ post }) => post.denominatorSum === 0)) return new NotComputable('DENOMINATOR_ZERO')
  const pooled = addCupedRatio(control, treatment)
  // Without a ratio before exposure there is nothing to adjust by.
  const hasHistory = arms.every(({ pre }) => pre.denominatorSum !== 0)
  const theta = hasHistory ? commonTheta(arms.map(linearized)) : 0
  const preRatio = hasHistory ? ratio(pooled.pre) : 0
  const parts = arms.map((arm) => partOf(arm, theta, preRatio)) as [Part, Part]
  const [c, t] = parts
  const difference = meanDifference(c.adjusted, t.adjusted)
  return {
    theta,
    controlRatio: c.ratio,
    treatmentRatio: t.ratio,
    difference: {
      ...difference,
      base: {
        mean: c.ratio,
        variance: c.variance / control.post.count,
        covariance: -c.withAdjusted / control.post.count,
      },
    },
  }
}

export function addCupedRatio(a: CupedRatioSummary, b: CupedRatioSummary): CupedRatioSummary {
  const add = (x: RatioSummary, y: RatioSummary): RatioSummary => ({
    count: x.count + y.count,
    numeratorSum: x.numeratorSum + y.numeratorSum,
    numeratorSumOfSquares: x.numeratorSumOfSquares + y.numeratorSumOfSquares,
    denominatorSum: x.denominatorSum + y.denominatorSum,
    denominatorSumOfSquares: x.denominatorSumOfSquares + y.denominatorSumOfSquares,
    crossProduct: x.crossProduct + y.crossProduct,
  })
  return {
    post: add(a.post, b.post),
    pre: add(a.pre, b.pre),
    numeratorPreNumerator: a.numeratorPreNumerator + b.numeratorPreNumerator,
    denominatorPreDenominator: a.denominatorPreDenominator + b.denominatorPreDenominator,
    numeratorPreDenominator: a.numeratorPreDenominator + b.numeratorPreDenominator,
    denominatorPreNumerator: a.denominatorPreNumerator + b.denominatorPreNumerator,
  }
}

/** Both arms count alike, so that neither's own level enters the linearization of the other. */
function commonTheta(arms: readonly Linearized[]): number {
  const preVariance = arms.reduce((sum, arm) => sum + arm.preVariance, 0)
  return preVariance > 0 ? arms.reduce((sum, arm) => sum + arm.covariance, 0) / preVariance : 0
}

interface Part {
  ratio: number
  /** Of one unit's contribution to the unadjusted ratio. */
  variance: number
  /** Covariance of one unit's contributions to the unadjusted and the adjusted ratio. */
  withAdjusted: number
  adjusted: ArmEstimate
}

function partOf(arm: CupedRatioSummary, theta: number, preRatio: number): Part {
  const own = ratio(arm.post)
  const { variance, preVariance, covariance } =
    theta === 0 ? { variance: ratioVariance(arm.post), preVariance: 0, covariance: 0 } : linearized(arm)
  return {
    ratio: own,
    variance,
    withAdjusted: variance - theta * covariance,
    adjusted: {
      units: arm.post.count,
      mean: theta === 0 ? own : own - theta * (ratio(arm.pre) - preRatio),
      unitVariance: Math.max(0, variance + theta * theta * preVariance - 2 * theta * covariance),
    },
  }
}

/** Moments of (n − R d)/D and of the same before exposure. */
function linearized(arm: CupedRatioSummary): Linearized {
  const { post, pre } = arm
  const { count } = post
  const [r, s] = [ratio(post), ratio(pre)]
  const preVariance = ratioVariance(pre)
  // A ratio that was the same for every unit tells nothing; what rounding leaves of its variance must not be divided by.
  const noise = centringNoise(count, pre.numeratorSumOfSquares + s * s * pre.denominatorSumOfSquares)
  const isNoise = preVariance * (count - 1) * (pre.denominatorSum / count) ** 2 <= noise
  if (isNoise) return { variance: ratioVariance(post), preVariance: 0, covariance: 0 }
  const products =
    centredProducts(count, post.numeratorSum, pre.numeratorSum, arm.numeratorPreNumerator) -
    s * centredProducts(count, post.numeratorSum, pre.denominatorSum, arm.numeratorPreDenominator) -
    r * centredProducts(count, post.denominatorSum, pre.numeratorSum, arm.denominatorPreNumerator) +
    r * s * centredProducts(count, post.denominatorSum, pre.denominatorSum, arm.denominatorPreDenominator)
  return {
    variance: ratioVariance(post),
    preVariance,
    covariance: products / (count - 1) / ((post.denominatorSum / count) * (pre.denominatorSum / count)),
  }
}

function ratioVariance(summary: RatioSummary): number {
  const { count, numeratorSum, denominatorSum } = summary
  const r = ratio(summary)
  const squares =
    centredProducts(count, numeratorSum, numeratorSum, summary.numeratorSumOfSquares) -
    2 * r * centredProducts(count, numeratorSum, denominatorSum, summary.crossProduct) +
    r * r * centredProducts(count, denominatorSum, denominatorSum, summary.denominatorSumOfSquares)
  return Math.max(0, squares) / (count - 1) / (denominatorSum / count) ** 2
}

function ratio({ numeratorSum, denominatorSum }: RatioSummary): number {
  return numeratorSum / denominatorSum
}

function assertCupedRatio(arm: CupedRatioSummary): void {
  assertRatio(arm.post)
  assertRatio(arm.pre)
  if (arm.post.count !== arm.pre.count) {
    throw new RangeError(
      `There are ${arm.post.count} units and ${arm.pre.count} before exposure; they must be the same.`,
    )
  }
  const sample = (sum: number, sumOfSquares: number) => ({ count: arm.post.count, sum, sumOfSquares })
  const [n, d, m, e] = [arm.post, arm.pre].flatMap((side) => [
    sample(side.numeratorSum, side.numeratorSumOfSquares),
    sample(side.denominatorSum, side.denominatorSumOfSquares),
  ]) as [ReturnType<typeof sample>, ReturnType<typeof sample>, ReturnType<typeof sample>, ReturnType<typeof sample>]
  assertProducts(n, m, arm.numeratorPreNumerator)
  assertProducts(n, e, arm.numeratorPreDenominator)
  assertProducts(d, m, arm.denominatorPreNumerator)
  assertProducts(d, e, arm.denominatorPreDenominator)
}
