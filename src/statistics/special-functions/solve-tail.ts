/**
 * Where a decreasing function of x crosses zero: Newton steps, kept inside a shrinking bracket.
 * @param f - decreasing; returns value and derivative
 * @param lower - f(lower) ≥ 0
 * @param upper - f(upper) ≤ 0
 * @param start - first guess inside the bracket
 * @returns x to about 1e-15 relative
 */
export function solveDecreasing(
  f: (x: number) => { value: number; slope: number },
  lower: number,
  upper: number,
  start: number,
): number {
  let low = lower
  let high = upper
  let x = Math.min(Math.max(start, low), high)
  for (let step = 0; step < 200; step++) {
    const { value, slope } = f(x)
    if (value === 0) return x
    if (value > 0) low = x
    else high = x
    let next = x - value / slope
    if (!(next > low && next < high)) next = (low + high) / 2
    if (Math.abs(next - x) <= 4e-16 * Math.abs(next) || next === low || next === high) return next
    x = next
  }
  return x
}
