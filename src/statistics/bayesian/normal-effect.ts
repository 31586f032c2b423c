import { normalCdf, normalCriticalValue, normalDensity, normalUpper } from '../distributions.ts'
import { assertAlpha, assertFinite, assertPositive } from '../domain-checks.ts'
import { around, type Interval } from '../interval.ts'
import { scaledErfc } from '../special-functions/erfc.ts'

/** A belief about an effect before the data, on the scale of the estimate. */
export interface NormalPrior {
  mean: number
  /** Above 0. */
  variance: number
}

export interface NormalEffect {
  /** Posterior mean of the effect, a precision-weighted mean of prior and data. */
  expected: number
  standardDeviation: number
  /** Equal-tailed credible interval. */
  interval: Interval
  /** P(effect > 0), or P(effect < 0) where a decrease is wanted. Not valid under repeated looks. */
  chanceToWin: number
  /** What keeping the control costs if the treatment is the better one: E[max(effect, 0)]. */
  expectedLossControl: number
  /** What shipping the treatment costs if it is the worse one: E[max(−effect, 0)]. */
  expectedLossTreatment: number
}

/**
 * Normal belief about an effect whose estimate is normal.
 * @param estimate - difference or lift with its standard error, above 0
 * @param prior - on the same scale; null for none, so that the data speak alone
 * @param isDecreaseWanted - a lower metric is better: chance and losses swap sides
 * @see Gelman et al. (2013), Bayesian Data Analysis, section 2.5
 * @throws RangeError if a number is out of range
 */
export function normalEffect(
  { estimate, standardError }: { estimate: number; standardError: number },
  prior: NormalPrior | null,
  alpha: number,
  isDecreaseWanted = false,
): NormalEffect {
  assertAlpha(alpha)
  assertFinite(estimate, 'estimate')
  assertPositive(standardError, 'standardError')
  const { mean, standardDeviation } = combine(estimate, standardError, prior)
  const z = mean / standardDeviation
  const gain = expectedExcess(mean, standardDeviation)
  const loss = expectedExcess(-mean, standardDeviation)
  return {
    expected: mean,
    standardDeviation,
    interval: around(mean, normalCriticalValue(alpha) * standardDeviation, alpha),
    chanceToWin: isDecreaseWanted ? normalCdf(-z) : normalCdf(z),
    expectedLossControl: isDecreaseWanted ? loss : gain,
    expectedLossTreatment: isDecreaseWanted ? gain : loss,
  }
}

/** Whether an effect is a difference in the metric's unit or a fraction of the control's mean. */
export type EffectScale = 'ABSOLUTE' | 'RELATIVE'

/**
 * A prior on the scale of the effect that it is for: a relative one times |control| for a difference, an absolute one over it for
 * a lift.
 * @param controlMean - not 0 where the scales differ
 * @throws RangeError if a number is out of range, or the scales differ and the control's mean is 0 or brings the prior out of range
 */
export function priorOnScale(
  prior: NormalPrior,
  priorScale: EffectScale,
  effectScale: EffectScale,
  controlMean: number,
): NormalPrior {
  assertPrior(prior)
  if (priorScale === effectScale) return prior
  assertFinite(controlMean, 'controlMean')
  if (controlMean === 0) throw new RangeError('A prior cannot change its scale where the mean of the control is 0.')
  const factor = priorScale === 'RELATIVE' ? Math.abs(controlMean) : 1 / Math.abs(controlMean)
  const scaled = { mean: prior.mean * factor, variance: prior.variance * factor * factor }
  assertPrior(scaled)
  return scaled
}

function assertPrior({ mean, variance }: NormalPrior): void {
  assertFinite(mean, 'prior.mean')
  assertPositive(variance, 'prior.variance')
}

function combine(estimate: number, standardError: number, prior: NormalPrior | null) {
  if (!prior) return { mean: estimate, standardDeviation: standardError }
  assertPrior(prior)
  const priorDeviation = Math.sqrt(prior.variance)
  // Precisions as a quotient of deviations, the smaller over the larger, so that no square overflows.
  const isVague = priorDeviation >= standardError
  const quotient = isVague ? standardError / priorDeviation : priorDeviation / standardError
  const share = 1 / (1 + quotient * quotient)
  const weight = isVague ? share : quotient * quotient * share
  return {
    mean: weight * estimate + (1 - weight) * prior.mean,
    standardDeviation: Math.min(standardError, priorDeviation) * Math.sqrt(share),
  }
}

/** E[max(X, 0)] of a normal X. */
function expectedExcess(mean: number, standardDeviation: number): number {
  const z = mean / standardDeviation
  // Beyond 40 standard deviations nothing lies below 0.
  return z > 40 ? mean : standardDeviation * standardExcess(z)
}

/** E[max(Z + z, 0)] of a standard normal Z: z Φ(z) + φ(z), for negative z without cancellation until far out. */
function standardExcess(z: number): number {
  if (z > -1) return z * normalCdf(z) + normalDensity(z)
  const size = -z
  if (size < 5) return normalDensity(z) - size * normalUpper(size)
  // φ(z)(1 − |z|·Mills' ratio).
  const mills = Math.sqrt(Math.PI / 2) * scaledErfc(size * Math.SQRT1_2)
  const rest = size < 1e3 ? 1 - size * mills : 1 / (size * size)
  return Math.max(0, normalDensity(z) * rest)
}
