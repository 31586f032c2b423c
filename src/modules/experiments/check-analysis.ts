import { checkInteger, checkNumber, fail, type InputPath } from '../../shared/input-rules.ts'
import type { AnalysisInput } from './analysis.inputs.ts'
import { type AnalysisPlan, DEFAULT_ANALYSIS_PLAN } from './analysis-plan.ts'
import { checkDimensions } from './dimensions.ts'

const MAX_SAMPLE_SIZE = 2_000_000_000
const MAX_LOOKS = 200
const ALPHA = { min: 0.0001, max: 0.5 }

type Checks = { [Name in keyof AnalysisInput]-?: (path: InputPath, value: NonNullable<AnalysisInput[Name]>) => unknown }

const alpha = (path: InputPath, value: number) => checkNumber(path, value, ALPHA)
const size = (path: InputPath, value: number) => checkInteger(path, value, 1, MAX_SAMPLE_SIZE)
const asIs = (_path: InputPath, value: unknown) => value

const CHECKS: Checks = {
  decisionMethod: asIs,
  alpha,
  secondaryAlpha: alpha,
  guardrailAlpha: alpha,
  power: (path, value) => checkNumber(path, value, { min: 0.5, max: 0.999 }),
  correction: asIs,
  correctionScope: asIs,
  minimumSampleSize: (path, value) => checkInteger(path, value, 0, MAX_SAMPLE_SIZE),
  plannedSampleSize: size,
  maximumSampleSize: size,
  spending: asIs,
  looks: (path, value) => checkInteger(path, value, 1, MAX_LOOKS),
  minimumDetectableEffect: (path, value) => checkNumber(path, value, { min: 0, max: 1e12 }),
  prior: (path, { mean, standardDeviation }) => ({
    mean: checkNumber([...path, 'mean'], mean, { min: -1, max: 100 }),
    standardDeviation: checkNumber([...path, 'standardDeviation'], standardDeviation, { above: 0, max: 100 }),
  }),
  dimensions: checkDimensions,
  stratifyBy: asIs,
}

/** The plan with the given parts replaced; a part that is null goes back to its default. */
export function checkAnalysis(
  path: InputPath,
  input: AnalysisInput,
  current: AnalysisPlan = DEFAULT_ANALYSIS_PLAN,
): AnalysisPlan {
  const given = Object.entries(CHECKS).flatMap(([name, check]) => {
    const value = input[name as keyof AnalysisInput]
    if (value === undefined) return []
    const part =
      value === null ? DEFAULT_ANALYSIS_PLAN[name as keyof AnalysisInput] : (check as Check)([...path, name], value)
    return [[name, part]]
  })
  const plan: AnalysisPlan = { ...current, ...Object.fromEntries(given) }
  // Who commits to a maximum sample wants the test that makes use of it, unless they say otherwise.
  if (input.maximumSampleSize != null && input.decisionMethod === undefined && current === DEFAULT_ANALYSIS_PLAN) {
    plan.decisionMethod = 'GROUP_SEQUENTIAL'
  }
  if (plan.decisionMethod === 'GROUP_SEQUENTIAL' && plan.maximumSampleSize === null) {
    fail(
      'ANALYSIS_INVALID',
      [...path, 'maximumSampleSize'],
      'is missing; GROUP_SEQUENTIAL needs a committed maximum sample.',
    )
  }
  if (
    plan.decisionMethod === 'GROUP_SEQUENTIAL' &&
    plan.plannedSampleSize !== null &&
    plan.plannedSampleSize > plan.maximumSampleSize!
  ) {
    fail(
      'ANALYSIS_INVALID',
      [...path, 'plannedSampleSize'],
      `is ${plan.plannedSampleSize}; it takes at most the maximumSampleSize, ${plan.maximumSampleSize}.`,
    )
  }
  if (plan.stratifyBy !== null && !plan.dimensions.some(({ key }) => key === plan.stratifyBy)) {
    fail(
      'ANALYSIS_INVALID',
      [...path, 'stratifyBy'],
      `is ${JSON.stringify(plan.stratifyBy)}; it takes the key of one of the dimensions.`,
    )
  }
  return plan
}

type Check = (path: InputPath, value: unknown) => unknown
