import { DomainError, type Problem } from '../../shared/domain-error.ts'
import { checkJson, checkKey, type InputPath } from '../../shared/input-rules.ts'
import type { ConfigSchema, Json } from './config-schema.ts'
import { checkBasisPoints, checkLongText, checkName } from './experiment-rules.ts'
import type { VariantInput } from './variant.inputs.ts'

export const MAX_VARIANTS = 100

export interface VariantDesign {
  key: string
  name: string
  description: string | null
  isControl: boolean
  weightBasisPoints: number
  config: Json | null
}

export function designVariant(path: InputPath, input: VariantInput): VariantDesign {
  return {
    key: checkKey([...path, 'key'], input.key),
    name: checkName([...path, 'name'], input.name ?? input.key),
    description: checkLongText([...path, 'description'], input.description) ?? null,
    isControl: input.isControl,
    weightBasisPoints: checkBasisPoints([...path, 'weightBasisPoints'], input.weightBasisPoints),
    config: input.config ? checkJson([...path, 'config'], input.config) : null,
  }
}

/**
 * Each variant whose config does not satisfy the schema. A missing config breaks no rule of a draft: it is asked for
 * at the start.
 */
export function configProblems(
  variants: ReadonlyArray<{ key: string; config?: Json | null }>,
  schema: ConfigSchema | null,
): Problem[] {
  if (!schema) return []
  const given = variants.filter((variant) => variant.config)
  const problems = schema.problemsOf(given.map((variant) => variant.config!))
  return given.flatMap(({ key }, index) => (problems[index] ? [configProblem(key, problems[index])] : []))
}

export function configProblem(variantKey: string, what: string): Problem {
  return {
    code: 'CONFIG_INVALID',
    message: `The config of the variant ${variantKey} does not satisfy the configSchema: ${what}.`,
  }
}

/** The keys of the variants of one experiment differ. */
export function assertKeysDiffer(keys: readonly string[]): void {
  const repeated = keys.find((key, index) => keys.indexOf(key) !== index)
  if (repeated !== undefined) {
    throw new DomainError(
      'VARIANT_KEY_TAKEN',
      `Two variants have the key ${repeated}; keys differ within an experiment.`,
    )
  }
}

export function assertVariantCount(count: number): void {
  if (count > MAX_VARIANTS) {
    throw new DomainError('TOO_MANY_VARIANTS', `The experiment would have ${count} variants; it takes ${MAX_VARIANTS}.`)
  }
}
