// Veltkamp's splitting constant, 2^27 + 1.
const SPLITTER = 134217729

/** a·b as an unevaluated sum of two doubles, exact unless it overflows. @see Dekker (1971), Numerische Mathematik 18, 224–242 */
function exactProduct(a: number, b: number): [head: number, tail: number] {
  const product = a * b
  const scaledA = SPLITTER * a
  const highA = scaledA - (scaledA - a)
  const lowA = a - highA
  const scaledB = SPLITTER * b
  const highB = scaledB - (scaledB - b)
  const lowB = b - highB
  return [product, lowA * lowB - (product - highA * highB - lowA * highB - highA * lowB)]
}

/**
 * Σxy − ΣxΣy/n, the sum of centred products, without cancellation beyond what the sums themselves have lost.
 * @param count - n, positive
 */
export function centredProducts(count: number, sumX: number, sumY: number, sumXY: number): number {
  const [head, tail] = exactProduct(sumX, sumY)
  const [scaledHead, scaledTail] = exactProduct(count, sumXY)
  const centred = (scaledHead - head + (scaledTail - tail)) / count
  // Beyond 1e300 the splitting overflows; the plain formula is all there is.
  return Number.isFinite(centred) ? centred : sumXY - (sumX / count) * sumY
}

/**
 * Error that rounding is likely to have left in a sum of squares of this many terms: below it, a variance is noise.
 * Independent roundings grow with the square root of their number.
 */
export function centringNoise(count: number, sumOfSquares: number): number {
  return (64 + Math.sqrt(count)) * Number.EPSILON * sumOfSquares
}

/** Error that rounding can have left at the very most; sums that contradict each other by more are impossible. */
export function greatestRounding(count: number, sumOfSquares: number): number {
  return (64 + 2 * count) * Number.EPSILON * sumOfSquares
}
