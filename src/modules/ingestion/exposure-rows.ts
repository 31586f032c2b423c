import type { Problem } from '../../shared/domain-error.ts'
import { couldHaveGiven } from '../experiments/could-have-given.ts'
import { slicesOf } from '../experiments/dimensions.ts'
import type { ExperimentDefinition } from '../experiments/experiment-definition.ts'
import type { Receiving } from './event-rows.ts'
import type { ExposureInput } from './ingestion.types.ts'
import { bagProblem, correctedTime, timeProblem } from './item-rules.ts'
import { unitIdProblem } from './unit-id.ts'

export interface ExposureRow {
  unitType: string
  unitId: string
  experimentId: number
  variantId: number
  occurredAt: Date
  /** JSON text; null for none. */
  context: string | null
  /** One of each dimension of the experiment; null without dimensions. */
  slices: number[] | null
}

/**
 * An exposure as it is stored, or the first rule that it breaks.
 * @param isTrusted - a published client key is not: its variant must be one that the experiment could have given
 */
export function checkExposure(
  exposure: ExposureInput,
  experiment: ExperimentDefinition | undefined,
  receiving: Receiving,
  isTrusted: boolean,
): ExposureRow | Problem {
  const { experimentKey, variantKey, unitId } = exposure
  const unitProblem = unitIdProblem(unitId)
  if (unitProblem) return unitProblem
  if (!experiment)
    return {
      code: 'UNKNOWN_EXPERIMENT',
      message: `No started experiment has the key ${JSON.stringify(experimentKey)}.`,
    }
  const variant = experiment.variants.find((candidate) => candidate.key === variantKey)
  if (!variant) {
    return {
      code: 'UNKNOWN_VARIANT',
      message: `The experiment ${experimentKey} has no variant with the key ${JSON.stringify(variantKey)}.`,
    }
  }
  const occurredAt = correctedTime(exposure.occurredAt, receiving.sentAt, receiving.receivedAt)
  const problem = spanProblem(experiment, occurredAt, receiving) ?? bagProblem('The context', exposure.context)
  if (problem) return problem
  if (experiment.overrides.has(unitId)) {
    return {
      code: 'UNIT_OVERRIDDEN',
      message: `The unit ${JSON.stringify(unitId)} is overridden in ${experimentKey} and never analysed.`,
    }
  }
  if (!isTrusted && !couldHaveGiven(experiment, unitId, variant.id)) {
    return {
      code: 'IMPOSSIBLE_VARIANT',
      message: `The experiment ${experimentKey} could not have given ${variantKey} to the unit ${JSON.stringify(unitId)}.`,
    }
  }
  return {
    unitType: experiment.unitType,
    unitId,
    experimentId: experiment.id,
    variantId: variant.id,
    occurredAt,
    context: exposure.context ? JSON.stringify(exposure.context) : null,
    slices: slicesOf(experiment.analysis.dimensions, exposure.context),
  }
}

function spanProblem(
  { key, startedAt, endedAt }: ExperimentDefinition,
  at: Date,
  { receivedAt, retentionDays }: Receiving,
): Problem | null {
  if (!startedAt || at < startedAt) {
    return {
      code: 'EXPERIMENT_NOT_STARTED',
      message: `${at.toISOString()} is before the start of ${key}${startedAt ? `, ${startedAt.toISOString()}` : ''}.`,
    }
  }
  if (endedAt && at >= endedAt) {
    return {
      code: 'EXPERIMENT_HAS_ENDED',
      message: `${at.toISOString()} is after the end of ${key}, ${endedAt.toISOString()}.`,
    }
  }
  return timeProblem(at, receivedAt, retentionDays)
}
