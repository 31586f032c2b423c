import type { Clock } from '../../shared/clock.ts'
import { CallGatherer } from '../../shared/gatherer.ts'
import type { DefinitionCache } from '../experiments/definition-cache.ts'
import type { ExperimentDefinition } from '../experiments/experiment-definition.ts'
import type { ArmProbabilities } from './arm-probabilities.ts'
import { assignVariant, type Decision, type Unit } from './assign-variant.ts'
import type { AssignmentKey, AssignmentStore, Known, NewAssignment } from './assignment.store.ts'

/** Units looked up or stored by one statement. */
const MOST_AT_ONCE = 1_000

/** A decision, with whether the unit's exposure to that variant is stored already. */
export interface Assigned extends Decision {
  isExposed: boolean
}

/** Decides and remembers. One per process: it gathers the calls of many requests into few statements. */
export class Assigner {
  readonly definitions: DefinitionCache
  readonly #store: AssignmentStore
  readonly #arms: ArmProbabilities
  readonly #clock: Clock
  readonly #random: () => number
  readonly #lookUps: CallGatherer<AssignmentKey, Known>
  readonly #stores: CallGatherer<NewAssignment, undefined>

  constructor(
    definitions: DefinitionCache,
    store: AssignmentStore,
    arms: ArmProbabilities,
    clock: Clock,
    random: () => number,
  ) {
    this.definitions = definitions
    this.#store = store
    this.#arms = arms
    this.#clock = clock
    this.#random = random
    this.#lookUps = new CallGatherer((organizationId, keys) => store.lookUp(organizationId, keys), MOST_AT_ONCE)
    this.#stores = new CallGatherer(async (organizationId, assignments) => {
      await store.store(organizationId, assignments)
      return assignments.map(() => undefined)
    }, MOST_AT_ONCE)
  }

  /** What would be decided now; nothing is stored, and what was stored before counts. */
  async evaluate(organizationId: string, definition: ExperimentDefinition, unit: Unit): Promise<Assigned> {
    const known = await this.#lookUps.call(organizationId, keyOf(definition, unit))
    return this.#decide(organizationId, definition, unit, known)
  }

  /** Decides and stores. Of two calls for a new unit at the same moment the first to be stored wins, for both. */
  async assign(organizationId: string, definition: ExperimentDefinition, unit: Unit): Promise<Assigned> {
    const key = keyOf(definition, unit)
    const decided = await this.evaluate(organizationId, definition, unit)
    if (decided.reason !== 'ASSIGNED' || !decided.variant) return decided
    await this.#stores.call(organizationId, {
      ...key,
      variantId: decided.variant.id,
      epoch: definition.epochs.at(-1)!.number,
      propensity: decided.propensity,
      assignedAt: this.#clock(),
    })
    const known = await this.#lookUps.call(organizationId, key)
    const stands = known.assignment?.variantId === decided.variant.id
    return stands ? decided : this.#decide(organizationId, definition, unit, known)
  }

  /** @returns whether there was an assignment to forget */
  clear(organizationId: string, definition: ExperimentDefinition, unitId: string, actor: string): Promise<boolean> {
    const by = { actor, at: this.#clock(), experimentKey: definition.key }
    return this.#store.clear(organizationId, keyOf(definition, { unitId }), by)
  }

  async #decide(organizationId: string, definition: ExperimentDefinition, unit: Unit, known: Known): Promise<Assigned> {
    const armProbabilities =
      definition.algorithm === 'THOMPSON' && !known.assignment ? await this.#arms.of(organizationId, definition) : null
    const decision = assignVariant(definition, unit, known.assignment, { random: this.#random, armProbabilities })
    return { ...decision, isExposed: decision.variant !== null && known.exposedVariantId === decision.variant.id }
  }
}

function keyOf(definition: ExperimentDefinition, { unitId }: { unitId: string }): AssignmentKey {
  return { unitType: definition.unitType, unitId, experimentId: definition.id }
}
