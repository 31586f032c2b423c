import type { Logger } from 'pino'
import { DomainError } from '../../shared/domain-error.ts'
import { NewestValue } from '../../shared/newest-value.ts'
import type { ReadExperiment } from '../experiments/definition-cache.ts'
import { ExperimentResults } from '../results/experiment-results.types.ts'
import type { ResultsReadModel } from '../results/results.read-model.ts'

/** Least time between two computations of one experiment, in milliseconds: four a second at the most. */
const PACE_MS = 250

interface Subject {
  organizationId: string
  experimentId: number
  subscribers: Set<NewestValue<ExperimentResults>>
  /** Those among them who have got nothing yet. */
  newcomers: Set<NewestValue<ExperimentResults>>
  latest: ExperimentResults | null
  /** Whether something changed since the last computation began. */
  isStale: boolean
  isComputing: boolean
  computedAt: number
  timer: NodeJS.Timeout | null
}

/** The results of experiments that somebody watches: computed once for all who watch, after changes, never queued. */
export class LiveResults {
  readonly #results: ResultsReadModel
  readonly #log: Logger
  readonly #subjects = new Map<string, Subject>()

  constructor(results: ResultsReadModel, log: Logger) {
    this.#results = results
    this.#log = log
  }

  /**
   * The present state first, then each newer one; `version` only grows. Ends with EXPERIMENT_DELETED.
   * @param experiment - as it was read: it has started
   */
  async subscribe(organizationId: string, experiment: ReadExperiment): Promise<NewestValue<ExperimentResults>> {
    await this.#results.catchUpWith(organizationId, [experiment])
    return this.#join(organizationId, experiment.id)
  }

  #join(organizationId: string, experimentId: number): NewestValue<ExperimentResults> {
    const subject = this.#subject(organizationId, experimentId)
    const subscriber = new NewestValue<ExperimentResults>(() => {
      subject.subscribers.delete(subscriber)
      subject.newcomers.delete(subscriber)
      if (subject.subscribers.size === 0) this.#drop(subject)
    })
    subject.subscribers.add(subscriber)
    if (subject.latest && !subject.isStale) {
      subscriber.push(subject.latest)
    } else {
      subject.newcomers.add(subscriber)
      this.#schedule(subject)
    }
    return subscriber
  }

  changed(organizationId: string, experimentIds: readonly number[]): void {
    for (const experimentId of experimentIds) {
      const subject = this.#subjects.get(nameOf(organizationId, experimentId))
      if (subject) this.#touch(subject)
    }
  }

  /** Anything may have changed. */
  changedAll(): void {
    for (const subject of this.#subjects.values()) this.#touch(subject)
  }

  #subject(organizationId: string, experimentId: number): Subject {
    const name = nameOf(organizationId, experimentId)
    const known = this.#subjects.get(name)
    if (known) return known
    const subject: Subject = {
      organizationId,
      experimentId,
      subscribers: new Set(),
      newcomers: new Set(),
      latest: null,
      isStale: true,
      isComputing: false,
      computedAt: Number.NEGATIVE_INFINITY,
      timer: null,
    }
    this.#subjects.set(name, subject)
    return subject
  }

  #drop(subject: Subject): void {
    if (subject.timer) clearTimeout(subject.timer)
    this.#subjects.delete(nameOf(subject.organizationId, subject.experimentId))
  }

  #touch(subject: Subject): void {
    subject.isStale = true
    this.#schedule(subject)
  }

  #schedule(subject: Subject): void {
    if (subject.timer || subject.isComputing) return
    const wait = subject.computedAt + PACE_MS - performance.now()
    if (wait <= 0) {
      void this.#compute(subject)
      return
    }
    subject.timer = setTimeout(() => {
      subject.timer = null
      void this.#compute(subject)
    }, wait)
  }

  async #compute(subject: Subject): Promise<void> {
    subject.isComputing = true
    subject.isStale = false
    subject.computedAt = performance.now()
    try {
      const [results] = await this.#results.of(subject.organizationId, [subject.experimentId])
      if (!results) {
        this.#fail(subject, new DomainError('EXPERIMENT_DELETED', 'The experiment was deleted.'))
        return
      }
      const isNews = !subject.latest || results.version > subject.latest.version
      if (isNews) subject.latest = ExperimentResults.from(results)
      for (const subscriber of isNews ? subject.subscribers : subject.newcomers) subscriber.push(subject.latest!)
      subject.newcomers.clear()
    } catch (error) {
      this.#log.error({ err: error }, 'Live results could not be computed; they are tried again.')
      subject.isStale = true
    } finally {
      subject.isComputing = false
      if (subject.isStale && subject.subscribers.size > 0) this.#schedule(subject)
    }
  }

  #fail(subject: Subject, error: DomainError): void {
    for (const subscriber of subject.subscribers) subscriber.fail(error)
  }
}

function nameOf(organizationId: string, experimentId: number): string {
  return `${organizationId}:${experimentId}`
}
