/** Why a number does not exist; never stands beside a number. */
export type Reason =
  | 'NO_UNITS'
  | 'INSUFFICIENT_UNITS'
  | 'ZERO_VARIANCE'
  | 'NO_VARIATION'
  | 'CONTROL_MEAN_ZERO'
  | 'CONTROL_MEAN_NOT_SEPARATED_FROM_ZERO'
  | 'DENOMINATOR_ZERO'
  | 'NO_CONVERSIONS'
  | 'PRECISION_LOST'
  | 'UNEXPECTED_TRAFFIC'
  | 'FEWER_THAN_TWO_ARMS'
  | 'NO_ARMS'
  | 'MEAN_DOES_NOT_EXIST'
  | 'NO_EFFECT'
  | 'NOT_DETECTABLE'
  | 'P_VALUE_MISSING'
  | 'TOO_MANY_UNITS'
  | 'ADAPTIVE_ALLOCATION'
  | 'NO_VALUES'
  | 'INSUFFICIENT_VALUES'

const MESSAGES: Record<Reason, string> = {
  NO_UNITS: 'There are no units yet.',
  INSUFFICIENT_UNITS: 'Each variant needs at least 2 units.',
  ZERO_VARIANCE: 'All units have the same value, so that there is nothing to compare the difference with.',
  NO_VARIATION: 'All units converted, or none.',
  CONTROL_MEAN_ZERO: 'The mean of the control is 0; a lift relative to it does not exist.',
  CONTROL_MEAN_NOT_SEPARATED_FROM_ZERO:
    'The mean of the control cannot be told from 0, so that the interval of the lift has no end.',
  DENOMINATOR_ZERO: 'The denominator sums to 0.',
  NO_CONVERSIONS: 'Nobody converted.',
  PRECISION_LOST: 'The values are too large against their spread for double precision.',
  UNEXPECTED_TRAFFIC: 'A variant without weight has units.',
  FEWER_THAN_TWO_ARMS: 'At least two variants with units are needed.',
  NO_ARMS: 'There are no variants.',
  MEAN_DOES_NOT_EXIST: 'The expectation diverges.',
  NO_EFFECT: 'The effect to be detected is 0.',
  NOT_DETECTABLE: 'No sample or effect within the possible range reaches this power.',
  P_VALUE_MISSING: 'There is no p-value to adjust.',
  TOO_MANY_UNITS: 'There are too many units to enumerate; the approximation is exact enough.',
  ADAPTIVE_ALLOCATION:
    'The allocation follows the results, so that the classical test does not hold; see the always-valid estimate.',
  NO_VALUES: 'No unit has a value yet.',
  INSUFFICIENT_VALUES: 'Too few values lie beyond the quantile to tell how far off it may be.',
}

export class NotComputable {
  readonly code: Reason
  readonly message: string

  constructor(code: Reason) {
    this.code = code
    this.message = MESSAGES[code]
  }
}

/** Whether an outcome is a number or the reason why there is none. */
export function isComputable<T>(outcome: T | NotComputable): outcome is T {
  return !(outcome instanceof NotComputable)
}

/** What follows from an outcome, or the same reason why there is none. */
export function whenComputable<T, U>(
  outcome: T | NotComputable,
  next: (value: T) => U | NotComputable,
): U | NotComputable {
  return isComputable(outcome) ? next(outcome) : outcome
}
