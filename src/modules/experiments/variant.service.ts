import type { EntityManager } from '@mikro-orm/postgresql'
import { DomainError } from '../../shared/domain-error.ts'
import { checkJson, checkNotNull } from '../../shared/input-rules.ts'
import type { Viewer } from '../organizations/viewer.ts'
import { ConfigSchema } from './config-schema.ts'
import type { Experiment } from './experiment.entity.ts'
import { assertDraft, type ExperimentRepository, variantOf } from './experiment.repository.ts'
import { checkBasisPoints, checkLongText, checkName } from './experiment-rules.ts'
import { Override } from './override.entity.ts'
import { Variant } from './variant.entity.ts'
import type { AddVariantInput, RemoveVariantInput, UpdateVariantInput } from './variant.inputs.ts'
import { assertKeysDiffer, assertVariantCount, configProblems, designVariant } from './variant-design.ts'

/** The variants of a draft; their texts at any time. */
export class VariantService {
  readonly #experiments: ExperimentRepository
  readonly #viewer: Viewer

  constructor(experiments: ExperimentRepository, viewer: Viewer) {
    this.#experiments = experiments
    this.#viewer = viewer
  }

  async add(input: AddVariantInput): Promise<{ experiment: Experiment; variant: Variant }> {
    this.#viewer.assertCan('experiment:write')
    const design = designVariant(['variant'], input.variant)
    let variant: Variant | undefined
    const experiment = await this.#experiments.change(input, (experiment, em) => {
      assertDraft(experiment, 'a variant is added')
      const present = experiment.variants.getItems()
      assertVariantCount(present.length + 1)
      assertKeysDiffer([...present.map((each) => each.key), design.key])
      assertConfigs(experiment, [design])
      const position = Math.max(-1, ...present.map((each) => each.position)) + 1
      variant = em.create(Variant, { ...design, organizationId: experiment.organizationId, experiment, position })
    })
    return { experiment, variant: variant! }
  }

  async update(input: UpdateVariantInput): Promise<{ experiment: Experiment; variant: Variant }> {
    this.#viewer.assertCan('experiment:write')
    const experiment = await this.#experiments.change(input, (experiment) => {
      const variant = variantOf(experiment, input.variantKey)
      if (input.name !== undefined) variant.name = checkName(['name'], input.name)
      if (input.description !== undefined) variant.description = checkLongText(['description'], input.description)
      const { isControl, weightBasisPoints, config } = input
      if (isControl === undefined && weightBasisPoints === undefined && config === undefined) return
      assertDraft(experiment, 'the control, weights (see updateAllocation) and configs of variants are updated')
      if (isControl !== undefined) variant.isControl = checkNotNull(['isControl'], isControl)
      if (weightBasisPoints !== undefined) {
        const path = ['weightBasisPoints']
        variant.weightBasisPoints = checkBasisPoints(path, checkNotNull(path, weightBasisPoints))
      }
      if (config !== undefined) variant.config = config && checkJson(['config'], config)
      assertConfigs(experiment, [variant])
    })
    return { experiment, variant: variantOf(experiment, input.variantKey) }
  }

  /** Overrides into the variant go with it. */
  remove(input: RemoveVariantInput): Promise<Experiment> {
    this.#viewer.assertCan('experiment:write')
    return this.#experiments.change(input, async (experiment, em: EntityManager) => {
      assertDraft(experiment, 'a variant is removed')
      const variant = variantOf(experiment, input.variantKey)
      await em.nativeDelete(Override, { variant: variant.id })
      experiment.variants.remove(variant)
    })
  }
}

function assertConfigs(experiment: Experiment, variants: ReadonlyArray<Pick<Variant, 'key' | 'config'>>): void {
  const { configSchema } = experiment
  const schema = configSchema ? ConfigSchema.compile(['configSchema'], configSchema) : null
  DomainError.throwIfAny(configProblems(variants, schema))
}
