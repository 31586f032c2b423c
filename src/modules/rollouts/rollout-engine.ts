import { type FilterQuery, LockMode } from '@mikro-orm/core'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Pool } from 'pg'
import type { DomainEvents } from '../../shared/domain-events.ts'
import { giveReason } from '../../shared/stamp.ts'
import { UnitOfWork } from '../../shared/unit-of-work.ts'
import { findVersions } from '../metrics/find-versions.ts'
import { failureInWords } from './failure-in-words.ts'
import type { MetricDefinitions, RolloutHealthReadModel, RolloutHealthState } from './health.read-model.ts'
import { advanceRamp, type HealthVerdict, type RampAction } from './ramp-schedule.ts'
import { Rollout } from './rollout.entity.ts'
import { evidenceOf } from './rollout-evidence.ts'
import { rampOf, takeStep } from './take-step.ts'

const UNWATCHED: HealthVerdict = { status: 'HELD', action: null }

/** What the system does with rollouts by itself: starts, stages, completions, rollbacks. Any number of processes may call it at once. */
export class RolloutEngine {
  readonly #pool: Pool
  readonly #scoped: (organizationId: string) => EntityManager
  readonly #events: DomainEvents
  readonly #health: RolloutHealthReadModel

  constructor(
    pool: Pool,
    scoped: (organizationId: string) => EntityManager,
    events: DomainEvents,
    health: RolloutHealthReadModel,
  ) {
    this.#pool = pool
    this.#scoped = scoped
    this.#events = events
    this.#health = health
  }

  /** Where rollouts run, or are to start by now. */
  async dueOrganizations(now: Date): Promise<string[]> {
    const { rows } = await this.#pool.query('select organization_id from door_due_rollouts($1) order by 1', [now])
    return rows.map(({ organization_id }) => organization_id)
  }

  /**
   * Takes every step that is due in one organization, one for each rollout at the most. Called every few seconds.
   * @returns how many steps were taken
   * @throws AggregateError of those rollouts that could not be looked at, after all the others were
   */
  async advanceDueRollouts(organizationId: string, now: Date): Promise<number> {
    const due = await this.#scoped(organizationId).find(Rollout, dueBy(now), {
      fields: ['id'],
      orderBy: { id: 'asc' },
    })
    const errors: unknown[] = []
    let steps = 0
    for (const { id } of due) {
      try {
        if (await this.advance(organizationId, id, now)) steps++
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, `${errors.length} of ${due.length} rollouts failed.`)
    return steps
  }

  /** Whether anything is left to look at: a rollout that runs, or that is to start by the given time. */
  async isAnyDue(organizationId: string, by: Date): Promise<boolean> {
    return (await this.#scoped(organizationId).count(Rollout, dueBy(by))) > 0
  }

  /** The step that one rollout is due to take, if any. A rollout that another transaction is at is left to it. */
  advance(organizationId: string, rolloutId: number, now: Date): Promise<RampAction | null> {
    const work = new UnitOfWork(this.#scoped(organizationId), this.#events)
    return work.transaction(async (em, record) => {
      const rollout = await em.findOne(
        Rollout,
        { id: rolloutId, deletedAt: null },
        // skip locked
        { lockMode: LockMode.PESSIMISTIC_PARTIAL_WRITE },
      )
      if (!rollout || (rollout.status !== 'RUNNING' && rollout.status !== 'DRAFT')) return null
      await rollout.checks.init()
      const [health] = await this.#health.of(organizationId, [rollout], definitionsIn(em), now)
      const change = advanceRamp(rampOf(rollout), health?.assessment.verdict ?? UNWATCHED, now)
      if (!change) return null
      const cause = causeOf(change.action, health ?? null)
      giveReason(em, cause)
      rollout.version += 1
      await takeStep(em, record, rollout, change, {
        at: now,
        cause,
        evidence: health ? evidenceOf(health.watched, health.look, health.assessment) : null,
      })
      return change.action
    })
  }
}

function dueBy(time: Date): FilterQuery<Rollout> {
  return { deletedAt: null, $or: [{ status: 'RUNNING' }, { status: 'DRAFT', startsAt: { $lte: time } }] }
}

function definitionsIn(em: EntityManager): MetricDefinitions {
  return {
    definition: async (metricId, version) => (await findVersions(em, [{ metricId, version }]))[0]!.definition,
  }
}

function causeOf(action: RampAction, health: RolloutHealthState | null): string {
  if (action === 'STARTED') return 'The time to start had come.'
  if (!health || health.watched.length === 0) return 'The stage had lasted its minimum duration.'
  const failed = health.watched.flatMap(({ key, rule }, index) => {
    const assessment = health.assessment.checks[index]!
    return assessment.status === 'FAILED' ? [failureInWords(key, rule, assessment)] : []
  })
  return failed.length > 0
    ? failed.join(' ')
    : 'The stage had lasted its minimum duration and every health check passed.'
}
