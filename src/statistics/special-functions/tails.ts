/** Natural logarithms of P(X ≤ x) and P(X > x). Logarithms, so that neither tail is lost to underflow or to 1 − (1 − p). */
export interface LogTails {
  readonly lower: number
  readonly upper: number
}

/** ln(1 − exp(x)) for x ≤ 0 without cancellation. */
export function logComplement(x: number): number {
  return x > -Math.LN2 ? Math.log(-Math.expm1(x)) : Math.log1p(-Math.exp(x))
}

/** Both tails from the logarithm of the lower one, which may exceed 0 by rounding. */
export function tailsFromLower(logLower: number): LogTails {
  const lower = Math.min(0, logLower)
  return { lower, upper: logComplement(lower) }
}

export function swapTails(tails: LogTails): LogTails {
  return { lower: tails.upper, upper: tails.lower }
}
