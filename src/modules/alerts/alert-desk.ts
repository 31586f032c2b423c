import type { EntityManager } from '@mikro-orm/postgresql'
import type { Clock } from '../../shared/clock.ts'
import type { RecordEvent, UnitOfWork } from '../../shared/unit-of-work.ts'
import { Alert, type AlertKind } from './alert.entity.ts'
import type { AlertCause } from './experiment-causes.ts'

/** What the causes given are all that there are of. */
export interface AlertScope {
  organizationId: string
  experimentId: number | null
  kinds: readonly AlertKind[]
}

/** Raises what has a cause and is not open yet, and clears what has none any more. */
export class AlertDesk {
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async settle(work: UnitOfWork, scope: AlertScope, causes: readonly AlertCause[]): Promise<void> {
    const before = await work.em.fork().find(Alert, openIn(scope))
    if (compare(before, causes).isSettled) return
    await work.transaction(async (em, record) => {
      await this.lock(em, scope.organizationId)
      await this.settleIn(em, record, scope, causes)
    })
  }

  /** One transaction at a time settles the alerts of an organization; taken before any row that the alerts refer to is locked. */
  async lock(em: EntityManager, organizationId: string): Promise<void> {
    await em.execute('select pg_advisory_xact_lock(hashtextextended(?, 1))', [organizationId])
  }

  /** The same as `settle`, in a transaction that has the lock. */
  async settleIn(
    em: EntityManager,
    record: RecordEvent,
    scope: AlertScope,
    causes: readonly AlertCause[],
  ): Promise<void> {
    const { organizationId, experimentId } = scope
    const open = await em.find(Alert, openIn(scope))
    const { toRaise, toClear } = compare(open, causes)
    const now = this.#clock()
    const raised = toRaise.map((cause) => em.create(Alert, { organizationId, experimentId, ...cause, raisedAt: now }))
    for (const alert of toClear) alert.clearedAt = now
    await em.flush()
    for (const { id } of raised) record({ type: 'AlertRaised', organizationId, subjectId: id })
    for (const { id } of toClear) record({ type: 'AlertCleared', organizationId, subjectId: id })
  }
}

function openIn({ experimentId, kinds }: AlertScope) {
  return { experimentId, kind: { $in: [...kinds] }, clearedAt: null }
}

function compare(open: readonly Alert[], causes: readonly AlertCause[]) {
  const nameOf = ({ kind, cause }: Pick<AlertCause, 'kind' | 'cause'>) => `${kind} ${cause}`
  const openNames = new Set(open.map(nameOf))
  const causeNames = new Set(causes.map(nameOf))
  const toRaise = causes.filter((cause) => !openNames.has(nameOf(cause)))
  const toClear = open.filter((alert) => !causeNames.has(nameOf(alert)))
  return { toRaise, toClear, isSettled: toRaise.length + toClear.length === 0 }
}
