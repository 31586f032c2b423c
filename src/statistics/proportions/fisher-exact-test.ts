import { NotComputable } from '../not-computable.ts'
import { estimateProportion } from '../sample-summary.ts'
import { logBinomialMass } from '../special-functions/binomial.ts'

/** Tables that the exact test enumerates at most; beyond, the normal approximation is exact to many digits. */
const MOST_TABLES = 1_000_000
/** Tables this much likelier than the observed one still count as equally likely, as in R. */
const TIE = Math.log1p(1e-7)

/**
 * Fisher's exact test of two rates, two-sided: the probability, given the margins, of all tables at most as likely as the
 * observed one. For small counts.
 * @see Fisher (1935), Journal of the Royal Statistical Society 98, 39–82
 * @returns pValue in [0, 1]; or NotComputable: NO_UNITS, TOO_MANY_UNITS (more than a million tables)
 * @throws RangeError if more units converted than there are
 */
export function fisherExactTest(
  control: { units: number; conversions: number },
  treatment: { units: number; conversions: number },
): { pValue: number } | NotComputable {
  estimateProportion(control.units, control.conversions)
  estimateProportion(treatment.units, treatment.conversions)
  if (control.units === 0 || treatment.units === 0) return new NotComputable('NO_UNITS')
  const conversions = control.conversions + treatment.conversions
  const from = Math.max(0, conversions - treatment.units)
  const to = Math.min(control.units, conversions)
  if (to - from > MOST_TABLES) return new NotComputable('TOO_MANY_UNITS')
  const rate = conversions / (control.units + treatment.units)
  // The hypergeometric probability as a quotient of binomial ones, whatever their rate (Loader 2000).
  const whole = logBinomialMass(conversions, control.units + treatment.units, rate)
  const logMass = (k: number) =>
    logBinomialMass(k, control.units, rate) + logBinomialMass(conversions - k, treatment.units, rate) - whole
  const observed = logMass(control.conversions)
  let pValue = 0
  for (let k = from; k <= to; k++) {
    const mass = logMass(k)
    if (mass <= observed + TIE) pValue += Math.exp(mass)
  }
  return { pValue: Math.min(1, pValue) }
}
