// Rational approximations for |x| <= 0.46875, 0.46875 < |x| <= 4 and |x| > 4, coefficients of Cody's CALERF.
const CENTRE_NUMERATOR = [
  0.18577770618460315, 3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694,
]
const CENTRE_DENOMINATOR = [1, 23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171]
const MIDDLE_NUMERATOR = [
  2.1531153547440383e-8, 0.5641884969886701, 8.883149794388377, 66.11919063714163, 298.6351381974001, 881.952221241769,
  1712.0476126340707, 2051.0783778260716, 1230.3393547979972,
]
const MIDDLE_DENOMINATOR = [
  1, 15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903, 3290.7992357334597,
  4362.619090143247, 3439.3676741437216, 1230.3393548037495,
]
const TAIL_NUMERATOR = [
  0.016315387137302097, 0.30532663496123236, 0.36034489994980445, 0.12578172611122926, 0.016083785148742275,
  0.0006587491615298378,
]
const TAIL_DENOMINATOR = [
  1, 2.568520192289822, 1.8729528499234673, 0.5279051029514285, 0.06051834131244132, 0.0023352049762686918,
]
const INVERSE_SQRT_PI = 0.5641895835477563

const polynomial = (coefficients: readonly number[], x: number) =>
  coefficients.reduce((value, coefficient) => value * x + coefficient, 0)

/** exp(−x²) without the rounding error of x² (x² is split into an exact part and a small rest). */
function expOfMinusSquare(x: number): number {
  const head = Math.trunc(x * 16) / 16
  return Math.exp(-head * head) * Math.exp(-(x - head) * (x + head))
}

/**
 * Scaled complementary error function exp(x²)·erfc(x); finite where erfc itself underflows.
 * @param x - from 0.46875 upwards
 * @returns relative error about 1e-15
 */
export function scaledErfc(x: number): number {
  if (x <= 4) return polynomial(MIDDLE_NUMERATOR, x) / polynomial(MIDDLE_DENOMINATOR, x)
  const inverseSquare = 1 / (x * x)
  const correction =
    (inverseSquare * polynomial(TAIL_NUMERATOR, inverseSquare)) / polynomial(TAIL_DENOMINATOR, inverseSquare)
  return (INVERSE_SQRT_PI - correction) / x
}

/**
 * Complementary error function 2/√π ∫ₓ^∞ exp(−t²) dt.
 * @returns in [0, 2]; relative error about 1e-15 down to the smallest double
 * @see Cody (1969), Rational Chebyshev approximations for the error function, Mathematics of Computation 23, 631–637
 */
export function erfc(x: number): number {
  const size = Math.abs(x)
  if (size <= 0.46875) {
    const square = x * x
    return 1 - (x * polynomial(CENTRE_NUMERATOR, square)) / polynomial(CENTRE_DENOMINATOR, square)
  }
  const upper = size > 27.5 ? 0 : expOfMinusSquare(size) * scaledErfc(size)
  return x < 0 ? 2 - upper : upper
}
