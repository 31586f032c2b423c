import {
  type BetaBelief,
  betaBelief,
  betaCredibleInterval,
  betaMean,
  compareBetaBeliefs,
  expectedBetaLift,
} from '../../statistics/bayesian/beta-binomial.ts'
import { betaDifferenceQuantile, betaLiftQuantile } from '../../statistics/bayesian/beta-effect-quantile.ts'
import { type NormalPrior, normalEffect, priorOnScale } from '../../statistics/bayesian/normal-effect.ts'
import { isComputable } from '../../statistics/not-computable.ts'
import { CoarseReference } from './compare.ts'
import { armOf, assertOffered, type Kind, none, type ProportionInput, pairOf, type SampleInput } from './kind.ts'
import { estimateOf } from './sequential-kinds.ts'

interface BetaInput {
  prior: BetaBelief
  control: ProportionInput
  treatment: ProportionInput
  level: number
}

interface NormalInput {
  control: ProportionInput | SampleInput
  treatment: ProportionInput | SampleInput
  difference: 'relative' | 'absolute'
  prior: NormalPrior & { proper: boolean; type: 'relative' | 'absolute' }
  inverse: boolean
  alpha: number
}

/** For two uniform beliefs, exactly: the 97.5 % quantile of the difference is 1 − √0.05 and that of the lift 19. */
const UNRESOLVED_EDGE = 'its quadrature does not resolve the edge of a density that is not smooth at 0 or 1'

export const bayesianKinds: Record<string, Kind> = {
  beta_binomial: ({ prior, control, treatment, level }: BetaInput) => {
    const [c, t] = [control, treatment].map(({ n, conversions }) => betaBelief(prior, { units: n, conversions })) as [
      BetaBelief,
      BetaBelief,
    ]
    const compared = compareBetaBeliefs(c, t)
    const tail = (1 - level) / 2
    const least = Math.min(c.alpha, c.beta, t.alpha, t.beta)
    // Below 1 the density has no end at 0 or 1, below 2 a corner there.
    const quantiles = (value: unknown) =>
      least < 2 ? new CoarseReference(value, least < 1 ? 1e-2 : 1e-3, UNRESOLVED_EDGE) : value
    const belief = (of: BetaBelief) => ({ ...of, mean: betaMean(of), ci: pairOf(betaCredibleInterval(of, level)) })
    return {
      posterior_control: belief(c),
      posterior_treatment: belief(t),
      chance_to_beat_control: compared.chanceToBeatControl,
      chance_control_better: compared.chanceControlBetter,
      expected_loss_treatment: compared.expectedLossTreatment,
      expected_loss_control: compared.expectedLossControl,
      diff: {
        mean: compared.expectedDifference,
        ci: quantiles([betaDifferenceQuantile(c, t, tail), betaDifferenceQuantile(c, t, 1 - tail)]),
      },
      lift: {
        median: quantiles(betaLiftQuantile(c, t, 0.5)),
        ci: quantiles([betaLiftQuantile(c, t, tail), betaLiftQuantile(c, t, 1 - tail)]),
        mean: expectedBetaLift(c, t),
      },
    }
  },
  normal_effect: (input: NormalInput) => {
    const estimate = estimateOf(input, input.difference)
    const control = armOf(input.control)
    if (!isComputable(estimate) || !isComputable(control)) {
      const reason = isComputable(estimate) ? control : estimate
      return none(reason as never, 'chance_to_win', 'expected', 'sd', 'ci', 'risk_control', 'risk_treatment')
    }
    const effect = normalEffect(estimate, priorOf(input, control.mean), input.alpha, input.inverse)
    return {
      chance_to_win: effect.chanceToWin,
      expected: effect.expected,
      sd: effect.standardDeviation,
      ci: pairOf(effect.interval),
      risk_control: effect.expectedLossControl,
      risk_treatment: effect.expectedLossTreatment,
    }
  },
}

function priorOf({ prior, difference }: NormalInput, controlMean: number): NormalPrior | null {
  if (prior.proper) assertOffered('type of prior', prior.type, ['relative', 'absolute'])
  const scale = (name: 'relative' | 'absolute') => (name === 'relative' ? 'RELATIVE' : 'ABSOLUTE')
  return prior.proper ? priorOnScale(prior, scale(prior.type), scale(difference), controlMean) : null
}
