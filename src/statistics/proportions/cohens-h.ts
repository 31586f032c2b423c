import { assertFraction } from '../domain-checks.ts'

/** Cohen's h of two rates: 2 asin √p_t − 2 asin √p_c. @see Cohen (1988), Statistical Power Analysis, ch. 6 @throws RangeError unless both are fractions */
export function cohensH(control: { mean: number }, treatment: { mean: number }): number {
  for (const { mean } of [control, treatment]) assertFraction(mean, 'mean')
  const difference = treatment.mean - control.mean
  if (difference === 0) return 0
  // Tangent of half the angle: rates that are close to each other lose no digits.
  const [c, t] = [control.mean, treatment.mean]
  const sine = difference / (Math.sqrt(t * (1 - c)) + Math.sqrt(c * (1 - t)))
  return 2 * Math.atan2(sine, Math.sqrt((1 - t) * (1 - c)) + Math.sqrt(t * c))
}
