import { assertCount, assertFraction } from '../domain-checks.ts'
import { NotComputable } from '../not-computable.ts'
import { binomialLogTails, logBinomialMass } from '../special-functions/binomial.ts'

/** Counts this much likelier than the observed one still count as equally likely, as in R. */
const TIE = Math.log1p(1e-7)

/**
 * Exact two-sided test that a share is p: the probability of all counts at most as likely as the observed one. The exact
 * form of a sample ratio test of two variants.
 * @param count - units in the first variant, 0 to units
 * @param p - share that it should have, in [0, 1]
 * @see Clopper, Pearson (1934), Biometrika 26, 404–413
 * @returns pValue in [0, 1]; or NotComputable NO_UNITS
 * @throws RangeError if a number is out of range
 */
export function exactBinomialTest(count: number, units: number, p: number): { pValue: number } | NotComputable {
  assertCount(count, 'count')
  assertCount(units, 'units')
  assertFraction(p, 'p')
  if (count > units) throw new RangeError(`${count} of ${units} units is impossible.`)
  if (units === 0) return new NotComputable('NO_UNITS')
  const observed = logBinomialMass(count, units, p)
  const mode = Math.floor((units + 1) * p)
  const isRare = (k: number) => logBinomialMass(k, units, p) <= observed + TIE
  if (isRare(mode)) return { pValue: 1 }
  // The probabilities fall on both sides of the mode, so that each tail's boundary is found by halving.
  const lower = count < mode ? count : boundary(-1, mode, isRare)
  const upper = count < mode ? boundary(units + 1, mode, isRare) : count
  return {
    pValue: Math.min(
      1,
      Math.exp(binomialLogTails(lower, units, p).lower) + Math.exp(binomialLogTails(upper - 1, units, p).upper),
    ),
  }
}

/** The rare count that is nearest to the mode, between `far`, outside all counts, and the mode, which is not rare. */
function boundary(far: number, mode: number, isRare: (k: number) => boolean): number {
  let rare = far
  let common = mode
  while (Math.abs(rare - common) > 1) {
    const middle = Math.trunc((rare + common) / 2)
    if (isRare(middle)) rare = middle
    else common = middle
  }
  return rare
}
