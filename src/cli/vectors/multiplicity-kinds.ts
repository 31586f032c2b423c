import { adjustPValues, type Correction } from '../../statistics/multiplicity/multiple-testing.ts'
import { simultaneousInterval } from '../../statistics/multiplicity/simultaneous-interval.ts'
import { type Kind, pairOf } from './kind.ts'

const CORRECTIONS: Record<string, Correction> = {
  bonferroni: 'BONFERRONI',
  holm: 'HOLM',
  hochberg: 'HOCHBERG',
  benjamini_hochberg: 'BENJAMINI_HOCHBERG',
  benjamini_yekutieli: 'BENJAMINI_YEKUTIELI',
}

export const multiplicityKinds: Record<string, Kind> = {
  adjust: ({ p_values: pValues, alpha }: { p_values: (number | null)[]; alpha: number }) => ({
    m: pValues.filter((pValue) => pValue !== null).length,
    ...Object.fromEntries(
      Object.entries(CORRECTIONS).map(([name, correction]) => {
        const results = adjustPValues(pValues, correction, alpha)
        return [
          name,
          {
            adjusted: results.map(({ adjusted }) => adjusted),
            // Nothing is said of a test without a p-value.
            rejected: results.map(({ isRejected }, index) => (pValues[index] === null ? null : isRejected)),
          },
        ]
      }),
    ),
  }),
  simultaneous_ci: (input: Record<'estimate' | 'se' | 'comparisons' | 'alpha', number>) => {
    const estimate = { estimate: input.estimate, standardError: input.se, degreesOfFreedom: Number.POSITIVE_INFINITY }
    const { criticalValue, interval } = simultaneousInterval(estimate, input.comparisons, input.alpha)
    return { critical_value: criticalValue, ci: pairOf(interval) }
  },
}
