import type { Logger } from 'pino'
import type { DefinitionCache } from '../experiments/definition-cache.ts'
import type { ExperimentStep } from '../experiments/experiment-status.ts'
import type { StepNote, StepWitness } from '../experiments/step-witness.ts'
import type { Viewer } from '../organizations/viewer.ts'
import type { DecisionReason } from '../results/decision.ts'
import type { ResultsReadModel } from '../results/results.read-model.ts'
import { type DecisionAction, DecisionRecord } from './decision-record.entity.ts'
import { type Evaluation, evaluationOf, recordOf } from './evaluation.ts'

const ACTIONS: Partial<Record<ExperimentStep, DecisionAction>> = {
  pause: 'PAUSED',
  resume: 'RESUMED',
  complete: 'COMPLETED',
  cancel: 'CANCELLED',
}

export interface StepRecorderTools {
  definitions: DefinitionCache
  results: ResultsReadModel
  log: Logger
}

/** Keeps each step that somebody takes with a started experiment as a decision, with the results right before it. */
export class StepRecorder implements StepWitness {
  readonly #tools: StepRecorderTools
  readonly #viewer: Viewer

  constructor(tools: StepRecorderTools, viewer: Viewer) {
    this.#tools = tools
    this.#viewer = viewer
  }

  async look(experimentKey: string): Promise<StepNote | null> {
    const { organizationId, actor } = this.#viewer
    try {
      const id = await this.#startedId(experimentKey)
      const [source] = id === null ? [] : await this.#tools.results.sources(organizationId, [id])
      return source ? stepNote(evaluationOf(source), actor) : null
    } catch (error) {
      // Whoever stops an experiment whose results cannot be computed must not be kept from it.
      this.#tools.log.error({ err: error, organizationId, experimentKey }, 'A step is taken without its results.')
      return null
    }
  }

  async #startedId(experimentKey: string): Promise<number | null> {
    const { definitions } = this.#tools
    const { organizationId } = this.#viewer
    const known = await definitions.byKey(organizationId, experimentKey)
    if (known) return known.id
    // Another process may have started it a moment ago.
    definitions.forget(organizationId)
    return (await definitions.byKey(organizationId, experimentKey))?.id ?? null
  }
}

/**
 * What writes a step down as a decision.
 * @param reasons - what it was taken for; what the results said of it unless told
 */
export function stepNote(
  evaluation: Evaluation,
  actor: string,
  reasons: DecisionReason[] = evaluation.results.decision.reasons,
): StepNote {
  return (em, step, at) => {
    const action = ACTIONS[step]
    if (action) {
      em.create(DecisionRecord, { ...recordOf(evaluation), kind: 'TAKEN', decidedAt: at, reasons, action, actor })
    }
  }
}
