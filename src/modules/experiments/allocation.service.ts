import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../../shared/clock.ts'
import { DomainError } from '../../shared/domain-error.ts'
import { checkNotNull, fail } from '../../shared/input-rules.ts'
import type { Viewer } from '../organizations/viewer.ts'
import type { UpdateAllocationInput } from './allocation.inputs.ts'
import type { Experiment } from './experiment.entity.ts'
import { type ExperimentRepository, variantOf } from './experiment.repository.ts'
import { checkBasisPoints, checkTargeting } from './experiment-rules.ts'
import { hasEnded, isLive } from './experiment-status.ts'
import { localAllocationProblems } from './local-evaluation-rules.ts'
import { openEpoch } from './open-epoch.ts'
import { weightProblems } from './start-rules.ts'

/** Who is enrolled and how they are split, until the experiment ends. */
export class AllocationService {
  readonly #experiments: ExperimentRepository
  readonly #viewer: Viewer
  readonly #clock: Clock

  constructor(experiments: ExperimentRepository, viewer: Viewer, clock: Clock) {
    this.#experiments = experiments
    this.#viewer = viewer
    this.#clock = clock
  }

  /** While the experiment is live every change opens an epoch; what changes nothing opens none. */
  update(input: UpdateAllocationInput): Promise<Experiment> {
    this.#viewer.assertCan('experiment:write')
    return this.#experiments.change(input, async (experiment, em) => {
      if (hasEnded(experiment.status)) {
        throw new DomainError(
          'EXPERIMENT_ENDED',
          `The experiment ${experiment.key} is ${experiment.status}; its allocation does not change any more.`,
        )
      }
      const before = allocationOf(experiment)
      apply(input, experiment)
      const after = allocationOf(experiment)
      if (!isLive(experiment.status) || isDeepStrictEqual(before, after)) return
      DomainError.throwIfAny(weightProblems(experiment.variants.getItems()))
      if (experiment.localEvaluation) {
        const changesWeights = !isDeepStrictEqual(before.weights, after.weights)
        DomainError.throwIfAny(localAllocationProblems(before, { ...after, changesWeights }))
      }
      await openEpoch(em, experiment, this.#clock())
    })
  }
}

function apply(input: UpdateAllocationInput, experiment: Experiment): void {
  if (input.trafficBasisPoints !== undefined) {
    const path = ['trafficBasisPoints']
    experiment.trafficBasisPoints = checkBasisPoints(path, checkNotNull(path, input.trafficBasisPoints))
  }
  if (input.targeting !== undefined) {
    experiment.targeting = input.targeting && checkTargeting(['targeting'], input.targeting)
  }
  const weights = input.weights ?? []
  for (const [index, { variantKey, weightBasisPoints }] of weights.entries()) {
    const path = ['weights', index]
    if (weights.findIndex((each) => each.variantKey === variantKey) !== index) {
      fail('BAD_USER_INPUT', path, `names the variant ${variantKey} a second time; each has one weight.`)
    }
    variantOf(experiment, variantKey).weightBasisPoints = checkBasisPoints(
      [...path, 'weightBasisPoints'],
      weightBasisPoints,
    )
  }
}

function allocationOf({ trafficBasisPoints, targeting, variants }: Experiment) {
  return {
    trafficBasisPoints,
    targeting: targeting ?? null,
    weights: variants.getItems().map((variant) => variant.weightBasisPoints),
  }
}
