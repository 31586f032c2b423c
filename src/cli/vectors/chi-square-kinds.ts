import { exactBinomialTest } from '../../statistics/diagnostics/exact-binomial-test.ts'
import { sampleRatioTest } from '../../statistics/diagnostics/sample-ratio-test.ts'
import { sequentialSampleRatio } from '../../statistics/diagnostics/sequential-sample-ratio.ts'
import { independenceTest, LEAST_EXPECTED_COUNT } from '../../statistics/independence-test.ts'
import { isComputable, type NotComputable, whenComputable } from '../../statistics/not-computable.ts'
import { type Kind, none, type ProportionInput } from './kind.ts'

/** The p-value below which a sample ratio is called mismatched. */
const MISMATCH = 0.001

export const chiSquareKinds: Record<string, Kind> = {
  independence: ({ arms }: { arms: ProportionInput[] }) => {
    const test = independenceTest(arms.map(({ n, conversions }) => ({ units: n, conversions })))
    if (!isComputable(test)) {
      const fields = ['chi2', 'df', 'p_value', 'log10_p_value', 'cramers_v', 'yates']
      return {
        arms_used: arms.filter(({ n }) => n > 0).length,
        ...none(test, ...fields, 'min_expected_count', 'low_expected_counts'),
      }
    }
    return {
      arms_used: test.armsUsed,
      chi2: test.statistic,
      df: test.degreesOfFreedom,
      p_value: test.pValue,
      log10_p_value: test.log10PValue,
      cramers_v: test.cramersV,
      min_expected_count: test.smallestExpectedCount,
      low_expected_counts: test.smallestExpectedCount < LEAST_EXPECTED_COUNT,
      yates: test.yates && { chi2: test.yates.statistic, p_value: test.yates.pValue },
    }
  },
  srm: ({ counts, weights }: { counts: number[]; weights: number[] }) => {
    const arms = armsOf(counts, weights)
    const test = sampleRatioTest(arms)
    const weighted = arms.filter(({ weight }) => weight > 0)
    if (!isComputable(test)) {
      const fields = ['chi2', 'df', 'p_value', 'log10_p_value', 'expected_counts', 'exact_binomial_p']
      return {
        ...none(test, ...fields, 'low_expected_counts'),
        [`mismatch_at_${MISMATCH}`]: isMismatch(test),
      }
    }
    const [first, second] = weighted
    return {
      chi2: test.statistic,
      df: test.degreesOfFreedom,
      p_value: test.pValue,
      log10_p_value: test.log10PValue,
      expected_counts: test.expectedCounts,
      [`mismatch_at_${MISMATCH}`]: test.pValue < MISMATCH,
      low_expected_counts: test.expectedCounts.some((count) => count > 0 && count < LEAST_EXPECTED_COUNT),
      exact_binomial_p:
        first && second && weighted.length === 2
          ? whenComputable(
              exactBinomialTest(first.units, first.units + second.units, first.weight / (first.weight + second.weight)),
              ({ pValue }) => pValue,
            )
          : null,
    }
  },
  sequential_srm: (input: { looks: number[][]; weights: number[]; prior_concentration: number }) => {
    let least = 1
    return {
      looks: input.looks.map((counts) => {
        const look = sequentialSampleRatio(armsOf(counts, input.weights), input.prior_concentration)
        if (!isComputable(look)) {
          const fields = ['log_bayes_factor', 'p_value', 'p_value_running_min']
          return { ...none(look, ...fields), [`mismatch_at_${MISMATCH}`]: isMismatch(look) }
        }
        least = Math.min(least, look.pValue)
        return {
          log_bayes_factor: look.logBayesFactor,
          p_value: look.pValue,
          p_value_running_min: least,
          [`mismatch_at_${MISMATCH}`]: least <= MISMATCH,
        }
      }),
    }
  },
}

/** Units where there should be none are a mismatch without any test. */
function isMismatch(reason: NotComputable): true | NotComputable {
  return reason.code === 'UNEXPECTED_TRAFFIC' ? true : reason
}

function armsOf(counts: readonly number[], weights: readonly number[]): { units: number; weight: number }[] {
  if (counts.length !== weights.length) {
    throw new RangeError(`There are ${counts.length} counts and ${weights.length} weights; each variant needs both.`)
  }
  if (weights.length > 0 && weights.every((weight) => weight === 0)) {
    throw new RangeError('All weights are 0, which cannot be normalised.')
  }
  return counts.map((units, index) => ({ units, weight: weights[index]! }))
}
