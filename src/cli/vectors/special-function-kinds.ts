import {
  betaCdf,
  betaQuantile,
  betaUpper,
  binomialCdf,
  binomialMass,
  chiSquareCdf,
  chiSquareQuantile,
  chiSquareUpper,
  logNormalUpper,
  normalCdf,
  normalQuantile,
  normalUpper,
  studentCdf,
  studentQuantile,
  studentTwoSided,
  studentUpper,
} from '../../statistics/distributions.ts'
import { erfc } from '../../statistics/special-functions/erfc.ts'
import { logBeta } from '../../statistics/special-functions/log-beta.ts'
import { logGamma } from '../../statistics/special-functions/stirling-error.ts'
import { type Kind, NotOffered } from './kind.ts'

type Point = Record<'x' | 'p' | 'df' | 'a' | 'b' | 'k' | 'n', number>

const FUNCTIONS: Record<string, (point: Point) => number> = {
  normal_cdf: ({ x }) => normalCdf(x),
  normal_sf: ({ x }) => normalUpper(x),
  normal_log_sf: ({ x }) => logNormalUpper(x),
  normal_quantile: ({ p }) => normalQuantile(p),
  t_cdf: ({ x, df }) => studentCdf(x, df),
  t_sf: ({ x, df }) => studentUpper(x, df),
  t_p_two_sided: ({ x, df }) => studentTwoSided(x, df),
  t_quantile: ({ p, df }) => studentQuantile(p, df),
  chi2_cdf: ({ x, df }) => chiSquareCdf(x, df),
  chi2_sf: ({ x, df }) => chiSquareUpper(x, df),
  chi2_quantile: ({ p, df }) => chiSquareQuantile(p, df),
  beta_cdf: ({ x, a, b }) => betaCdf(x, a, b),
  beta_sf: ({ x, a, b }) => betaUpper(x, a, b),
  beta_quantile: ({ p, a, b }) => betaQuantile(p, a, b),
  log_gamma: ({ x }) => logGamma(x),
  log_beta: ({ a, b }) => logBeta(a, b),
  erfc: ({ x }) => erfc(x),
  binomial_cdf: ({ k, n, p }) => binomialCdf(k, n, p),
  binomial_pmf: ({ k, n, p }) => binomialMass(k, n, p),
}

export const specialFunctionKinds: Record<string, Kind> = {
  function: ({ fn, points }: { fn: string; points: Point[] }) => {
    const evaluate = Object.hasOwn(FUNCTIONS, fn) ? FUNCTIONS[fn] : undefined
    if (!evaluate) throw new NotOffered('function', fn)
    return { values: points.map(evaluate) }
  },
}
