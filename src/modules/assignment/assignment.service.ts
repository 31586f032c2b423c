import { DomainError } from '../../shared/domain-error.ts'
import type { ExperimentDefinition } from '../experiments/experiment-definition.ts'
import { bagProblem } from '../ingestion/item-rules.ts'
import { unitIdProblem } from '../ingestion/unit-id.ts'
import type { Viewer } from '../organizations/viewer.ts'
import type { Unit } from './assign-variant.ts'
import type { Assigned, Assigner } from './assigner.ts'
import type {
  AssignAllInput,
  AssignFirstInput,
  AssignInput,
  Assignment,
  ClearAssignmentInput,
} from './assignment.types.ts'

/** Records that a unit met a variant; the part of ingestion that assignment needs. */
export interface ExposureRecorder {
  recordExposure(
    viewer: Viewer,
    exposure: { experimentKey: string; variantKey: string; unitId: string; context: Record<string, unknown> | null },
  ): Promise<void>
}

/** Experiments that never ran are not among the definitions in memory. */
export interface KnownExperiments {
  exists(key: string): Promise<boolean>
}

/** Which variant a unit gets. */
export class AssignmentService {
  readonly #assigner: Assigner
  readonly #exposures: ExposureRecorder
  readonly #experiments: KnownExperiments
  readonly #viewer: Viewer

  constructor(assigner: Assigner, exposures: ExposureRecorder, experiments: KnownExperiments, viewer: Viewer) {
    this.#assigner = assigner
    this.#exposures = exposures
    this.#experiments = experiments
    this.#viewer = viewer
  }

  async assign({ experimentKey, recordExposure, ...input }: AssignInput): Promise<Assignment> {
    this.#viewer.assertCan('assignment:assign')
    const unit = this.#unit(input)
    const definition = await this.#definition(experimentKey)
    return definition ? this.#assign(definition, unit, recordExposure) : notStarted(experimentKey, unit)
  }

  async assignAll({ unitType, recordExposure, ...input }: AssignAllInput): Promise<Assignment[]> {
    this.#viewer.assertCan('assignment:assign')
    const unit = this.#unit(input)
    const live = await this.#live(unitType)
    return Promise.all(live.map((definition) => this.#assign(definition, unit, recordExposure)))
  }

  /** The first experiment of the tag, by start, that gives the unit a variant; null when none does. */
  async assignFirst({ tag, unitType, recordExposure, ...input }: AssignFirstInput): Promise<Assignment | null> {
    this.#viewer.assertCan('assignment:assign')
    const unit = this.#unit(input)
    for (const definition of await this.#live(unitType)) {
      if (!definition.tags.includes(tag)) continue
      const assignment = await this.#assign(definition, unit, recordExposure)
      if (assignment.variant) return assignment
    }
    return null
  }

  async evaluate(input: {
    unitId: string
    unitType: string
    attributes?: Record<string, unknown> | null
  }): Promise<Assignment[]> {
    this.#viewer.assertCan('assignment:evaluate')
    const unit = this.#unit(input)
    const live = await this.#live(input.unitType)
    return Promise.all(
      live.map(async (definition) =>
        toAssignment(definition, unit, await this.#assigner.evaluate(this.#viewer.organizationId, definition, unit)),
      ),
    )
  }

  async clear({ experimentKey, unitId }: ClearAssignmentInput): Promise<boolean> {
    this.#viewer.assertCan('assignment:clear')
    const unit = this.#unit({ unitId })
    const definition = await this.#definition(experimentKey)
    return definition
      ? this.#assigner.clear(this.#viewer.organizationId, definition, unit.unitId, this.#viewer.actor)
      : false
  }

  async #assign(definition: ExperimentDefinition, unit: Unit, recordExposure: boolean): Promise<Assignment> {
    const assigned = await this.#assigner.assign(this.#viewer.organizationId, definition, unit)
    if (recordExposure && assigned.variant && assigned.reason !== 'OVERRIDE' && !assigned.isExposed) {
      await this.#exposures.recordExposure(this.#viewer, {
        experimentKey: definition.key,
        variantKey: assigned.variant.key,
        unitId: unit.unitId,
        context: unit.attributes,
      })
    }
    return toAssignment(definition, unit, assigned)
  }

  /** @returns null for an experiment that never ran @throws DomainError EXPERIMENT_NOT_FOUND */
  async #definition(key: string): Promise<ExperimentDefinition | null> {
    const definition = await this.#assigner.definitions.byKey(this.#viewer.organizationId, key)
    if (definition) return definition
    if (await this.#experiments.exists(key)) return null
    throw new DomainError('EXPERIMENT_NOT_FOUND', `No experiment has the key ${key}.`)
  }

  async #live(unitType: string): Promise<ExperimentDefinition[]> {
    const { live } = await this.#assigner.definitions.of(this.#viewer.organizationId)
    return live.filter((definition) => definition.unitType === unitType)
  }

  /** Attributes that an exposure could not keep are refused before anything is stored, also where nothing would be. */
  #unit({ unitId, attributes }: { unitId: string; attributes?: Record<string, unknown> | null }): Unit {
    const ofId = unitIdProblem(unitId)
    if (ofId) throw new DomainError(ofId.code, ofId.message, { path: ['unitId'] })
    const ofAttributes = bagProblem('The attributes', attributes)
    if (ofAttributes) throw new DomainError(ofAttributes.code, ofAttributes.message, { path: ['attributes'] })
    return { unitId, attributes: attributes ?? {} }
  }
}

function notStarted(experimentKey: string, { unitId }: Unit): Assignment {
  return { experimentKey, unitId, reason: 'NOT_RUNNING', variant: null, label: null, propensity: null }
}

function toAssignment(
  definition: ExperimentDefinition,
  { unitId }: Unit,
  { reason, variant, propensity }: Assigned,
): Assignment {
  const full = variant && definition.variants.find((candidate) => candidate.id === variant.id)
  return {
    experimentKey: definition.key,
    unitId,
    reason,
    variant: full ? { key: full.key, isControl: full.isControl, config: full.config } : null,
    label: full ? `${definition.key}:${full.key}` : null,
    propensity,
  }
}
