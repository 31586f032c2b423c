/** @throws RangeError unless 0 < alpha < 1 */
export function assertAlpha(alpha: number): void {
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`alpha is ${alpha}; it must lie strictly between 0 and 1.`)
}

/** @throws RangeError unless the value is a whole number from 0 upwards that doubles hold exactly */
export function assertCount(value: number, name: string): void {
  if (!(Number.isSafeInteger(value) && value >= 0)) {
    throw new RangeError(`${name} is ${value}; it must be a non-negative whole number.`)
  }
}

/** @throws RangeError for NaN and infinities */
export function assertFinite(value: number, name: string): void {
  if (!Number.isFinite(value)) throw new RangeError(`${name} is ${value}; it must be finite.`)
}

/** @throws RangeError unless 0 < value < ∞ */
export function assertPositive(value: number, name: string): void {
  if (!(value > 0 && value < Infinity)) throw new RangeError(`${name} is ${value}; it must be positive and finite.`)
}

/** @throws RangeError unless 0 ≤ value < ∞ */
export function assertNonNegative(value: number, name: string): void {
  if (!(value >= 0 && value < Infinity))
    throw new RangeError(`${name} is ${value}; it must be finite and not negative.`)
}

/** @throws RangeError unless 0 < value < 1 */
export function assertOpenFraction(value: number, name: string): void {
  if (!(value > 0 && value < 1)) throw new RangeError(`${name} is ${value}; it must lie strictly between 0 and 1.`)
}

/** @throws RangeError unless 0 ≤ value ≤ 1 */
export function assertFraction(value: number, name: string): void {
  if (!(value >= 0 && value <= 1)) throw new RangeError(`${name} is ${value}; it must lie in [0, 1].`)
}

/** @throws RangeError unless least ≤ value ≤ most */
export function assertBetween(value: number, least: number, most: number, name: string): void {
  if (!(value >= least && value <= most)) {
    throw new RangeError(`${name} is ${value}; it must lie between ${least} and ${most}.`)
  }
}

/** @throws RangeError for NaN */
export function assertNumber(value: number, name: string): void {
  if (Number.isNaN(value)) throw new RangeError(`${name} is not a number.`)
}

/** Parameter of a beta distribution: within these bounds no product or quotient of two of them leaves the doubles. */
export function assertBetaParameter(value: number, name: string): void {
  assertBetween(value, 1e-150, 1e15, name)
}

/** @throws RangeError unless the value is positive and squares and quotients of two such are ordinary doubles */
export function assertScale(value: number, name: string): void {
  if (!(value >= 1e-70 && value <= 1e70)) {
    throw new RangeError(`${name} is ${value}; it must lie between 1e-70 and 1e70.`)
  }
}

/** @throws RangeError unless |value| ≤ limit, within which squares and differences stay ordinary doubles */
export function assertWithin(value: number, limit: number, name: string): void {
  if (!(Math.abs(value) <= limit)) throw new RangeError(`${name} is ${value}; it must lie within ±${limit}.`)
}
