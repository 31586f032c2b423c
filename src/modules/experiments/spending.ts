import type { AlphaSpending } from '../../statistics/sequential/alpha-spending.ts'
import type { SpendingFunction } from './analysis-plan.ts'

const SPENDING: Record<SpendingFunction, AlphaSpending> = {
  OBRIEN_FLEMING: { family: 'OBRIEN_FLEMING' },
  POCOCK: { family: 'POCOCK' },
  QUADRATIC: { family: 'POWER', exponent: 2 },
}

export function alphaSpendingOf(spending: SpendingFunction): AlphaSpending {
  return SPENDING[spending]
}
