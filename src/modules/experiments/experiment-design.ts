import { isDeepStrictEqual } from 'node:util'
import { DomainError } from '../../shared/domain-error.ts'
import { checkJson, checkKey, checkNotNull } from '../../shared/input-rules.ts'
import { checkAnalysis } from './check-analysis.ts'
import { ConfigSchema } from './config-schema.ts'
import type { Experiment } from './experiment.entity.ts'
import type { CreateExperimentInput, UpdateExperimentInput } from './experiment.inputs.ts'
import { assertMetricCount, assertMetricsDiffer } from './experiment-metric-rules.ts'
import {
  checkBasisPoints,
  checkDuration,
  checkLongText,
  checkName,
  checkTags,
  checkTargeting,
  checkUnitType,
} from './experiment-rules.ts'
import { localEvaluationProblems } from './local-evaluation-rules.ts'
import { checkMargin } from './non-inferiority-margin.ts'
import { assertKeysDiffer, assertVariantCount, configProblems, designVariant } from './variant-design.ts'
import { ALL_BASIS_POINTS } from './variant-weights.ts'

/** A new draft with its defaults, every value checked; whether its metrics exist is for the database to say. */
export function designExperiment(input: CreateExperimentInput) {
  const values = {
    key: checkKey(['key'], input.key),
    name: checkName(['name'], input.name),
    hypothesis: checkLongText(['hypothesis'], input.hypothesis),
    description: checkLongText(['description'], input.description),
    tags: checkTags(['tags'], input.tags ?? []),
    unitType: checkUnitType(['unitType'], input.unitType ?? 'user'),
    assignmentAlgorithm: input.assignmentAlgorithm ?? 'HASH',
    trafficBasisPoints: checkBasisPoints(['trafficBasisPoints'], input.trafficBasisPoints ?? ALL_BASIS_POINTS),
    targeting: input.targeting ? checkTargeting(['targeting'], input.targeting) : null,
    configSchema: input.configSchema ? checkJson(['configSchema'], input.configSchema) : null,
    timeZone: input.timeZone ?? 'UTC',
    localEvaluation: input.localEvaluation ?? false,
    plannedDurationDays: checkDuration(['plannedDurationDays'], input.plannedDurationDays),
    analysis: checkAnalysis(['analysis'], input.analysis ?? {}),
  }
  DomainError.throwIfAny(localEvaluationProblems(values, 0))
  const metrics = (input.metrics ?? []).map(({ nonInferiorityMargin, ...metric }, index) => ({
    ...metric,
    nonInferiorityMargin: checkMargin(['metrics', index, 'nonInferiorityMargin'], nonInferiorityMargin ?? null),
  }))
  assertMetricCount(metrics.length)
  assertMetricsDiffer(metrics.map((metric) => metric.metricKey))
  return { values, variants: designVariants(input, values.configSchema), metrics }
}

function designVariants({ variants = [] }: CreateExperimentInput, configSchema: Record<string, unknown> | null) {
  assertVariantCount(variants?.length ?? 0)
  const designs = (variants ?? []).map((variant, index) => designVariant(['variants', index], variant))
  assertKeysDiffer(designs.map((design) => design.key))
  const schema = configSchema && ConfigSchema.compile(['configSchema'], configSchema)
  DomainError.throwIfAny(configProblems(designs, schema))
  return designs
}

type Design = Pick<
  Experiment,
  'unitType' | 'assignmentAlgorithm' | 'configSchema' | 'timeZone' | 'localEvaluation' | 'analysis'
>

/** What an update would really change of the parts that are fixed at the start. */
export function designChanges(input: UpdateExperimentInput, experiment: Experiment): Partial<Design> {
  const given: Partial<Design> = {}
  if (input.unitType !== undefined) {
    given.unitType = checkUnitType(['unitType'], checkNotNull(['unitType'], input.unitType))
  }
  if (input.assignmentAlgorithm !== undefined) {
    given.assignmentAlgorithm = checkNotNull(['assignmentAlgorithm'], input.assignmentAlgorithm)
  }
  if (input.configSchema !== undefined) {
    given.configSchema = input.configSchema && checkJson(['configSchema'], input.configSchema)
  }
  if (input.timeZone !== undefined) given.timeZone = checkNotNull(['timeZone'], input.timeZone)
  if (input.localEvaluation !== undefined) {
    given.localEvaluation = checkNotNull(['localEvaluation'], input.localEvaluation)
  }
  if (input.analysis != null) given.analysis = checkAnalysis(['analysis'], input.analysis, experiment.analysis)
  const changed = Object.entries(given).filter(
    ([name, value]) => !isDeepStrictEqual(value ?? null, experiment[name as keyof Design] ?? null),
  )
  return Object.fromEntries(changed)
}
