import type { EntityManager } from '@mikro-orm/postgresql'
import type { ExperimentStep } from './experiment-status.ts'

/** Writes down that a step was taken, in the transaction in which it is. */
export type StepNote = (em: EntityManager, step: ExperimentStep, at: Date) => void

/** Who keeps what was known when an experiment took a step; given by the wiring of the server. */
export interface StepWitness {
  /** Looks at an experiment right before its step; null where there is nothing to see. */
  look(experimentKey: string): Promise<StepNote | null>
}
