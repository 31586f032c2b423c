import { DomainError } from '../../shared/domain-error.ts'
import type { Viewer } from '../organizations/viewer.ts'
import type { Experiment } from './experiment.entity.ts'
import { type ExperimentRepository, variantOf } from './experiment.repository.ts'
import { checkUnitId } from './experiment-rules.ts'
import { localEvaluationProblems } from './local-evaluation-rules.ts'
import { Override } from './override.entity.ts'
import type { RemoveOverrideInput, SetOverrideInput } from './override.inputs.ts'

/** All of an experiment's overrides are kept in memory and shown at once. */
const MAX_OVERRIDES = 1_000

/** Units forced into a variant, at any time; in a started experiment they are out of the analysis for good. */
export class OverrideService {
  readonly #experiments: ExperimentRepository
  readonly #viewer: Viewer

  constructor(experiments: ExperimentRepository, viewer: Viewer) {
    this.#experiments = experiments
    this.#viewer = viewer
  }

  set(input: SetOverrideInput): Promise<Experiment> {
    this.#viewer.assertCan('experiment:write')
    const unitId = checkUnitId(['unitId'], input.unitId)
    return this.#experiments.change(input, async (experiment, em) => {
      const variant = variantOf(experiment, input.variantKey)
      const overrides = await experiment.overrides.loadItems()
      const present = overrides.find((override) => override.unitId === unitId)
      if (present) {
        em.assign(present, { variant })
        return
      }
      DomainError.throwIfAny(localEvaluationProblems(experiment, overrides.length + 1))
      if (overrides.length >= MAX_OVERRIDES) {
        throw new DomainError(
          'TOO_MANY_OVERRIDES',
          `The experiment has ${overrides.length} overrides; it takes ${MAX_OVERRIDES}.`,
        )
      }
      em.create(Override, { organizationId: experiment.organizationId, experiment, unitId, variant })
    })
  }

  remove(input: RemoveOverrideInput): Promise<Experiment> {
    this.#viewer.assertCan('experiment:write')
    return this.#experiments.change(input, async (experiment) => {
      const overrides = await experiment.overrides.loadItems()
      const override = overrides.find((each) => each.unitId === input.unitId)
      if (!override) {
        throw new DomainError(
          'OVERRIDE_NOT_FOUND',
          `The experiment ${experiment.key} has no override for the unit ${input.unitId}.`,
        )
      }
      experiment.overrides.remove(override)
    })
  }
}
