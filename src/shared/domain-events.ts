import type { EntityManager } from '@mikro-orm/postgresql'

/** Something that happened in Assay itself, named in the past tense; not to be confused with an event that a client tracks. */
export interface DomainEvent {
  type:
    | 'ExperimentCreated'
    | 'ExperimentChanged'
    | 'ExperimentDeleted'
    | 'MetricChanged'
    | 'DecisionRecommended'
    | 'RolloutCreated'
    | 'RolloutChanged'
    | 'RolloutDeleted'
    | 'RolloutStarted'
    | 'RolloutStageEntered'
    | 'RolloutPaused'
    | 'RolloutResumed'
    | 'RolloutCompleted'
    | 'RolloutRolledBack'
    | 'AlertRaised'
    | 'AlertCleared'
    | 'OrganizationChanged'
    | 'MemberChanged'
    | 'CredentialCreated'
    | 'CredentialChanged'
    | 'CredentialRevoked'
  organizationId: string
  /** Key of the subject in its table. */
  subjectId: number
  /** The step of its life that an experiment took, where the change was one. */
  step?: 'start' | 'pause' | 'resume' | 'complete' | 'cancel'
}

type InTransaction = (em: EntityManager, event: DomainEvent) => Promise<void>
type AfterCommit = (event: DomainEvent) => void

/** Who hears of domain events; subscribed in the wiring of the server. */
export class DomainEvents {
  readonly #inTransaction: InTransaction[] = []
  readonly #afterCommit: AfterCommit[] = []

  /** For rows that must be written together with the change, or not at all. */
  onRecord(subscriber: InTransaction): void {
    this.#inTransaction.push(subscriber)
  }

  /** For caches and live subscribers, which must not hear of a change that is rolled back. */
  onCommitted(subscriber: AfterCommit): void {
    this.#afterCommit.push(subscriber)
  }

  async record(em: EntityManager, event: DomainEvent): Promise<void> {
    for (const subscriber of this.#inTransaction) await subscriber(em, event)
  }

  announce(event: DomainEvent): void {
    for (const subscriber of this.#afterCommit) subscriber(event)
  }
}
