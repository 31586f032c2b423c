import { LockMode } from '@mikro-orm/core'
import type { EntityManager } from '@mikro-orm/postgresql'
import { DomainError } from '../../shared/domain-error.ts'
import { assertVersion, type RecordEvent, type UnitOfWork } from '../../shared/unit-of-work.ts'
import { Rollout } from './rollout.entity.ts'

export interface RolloutName {
  rolloutKey: string
  expectedVersion?: number | null
}

/** Loads rollouts to change them: one change of one rollout at a time, and each raises its version. */
export class RolloutRepository {
  readonly #work: UnitOfWork

  constructor(work: UnitOfWork) {
    this.#work = work
  }

  /**
   * Runs a change in one transaction, under a lock and with the health checks loaded.
   * @throws DomainError ROLLOUT_NOT_FOUND; VERSION_CONFLICT when the caller looked at an older version
   */
  change(
    { rolloutKey, expectedVersion }: RolloutName,
    change: (rollout: Rollout, em: EntityManager, record: RecordEvent) => Promise<void> | void,
  ): Promise<Rollout> {
    return this.#work.transaction(async (em, record) => {
      const rollout = await em.findOne(
        Rollout,
        { key: rolloutKey, deletedAt: null },
        { lockMode: LockMode.PESSIMISTIC_WRITE },
      )
      if (!rollout) throw new DomainError('ROLLOUT_NOT_FOUND', `No rollout has the key ${rolloutKey}.`)
      assertVersion('rollout', expectedVersion, rollout.version)
      await rollout.checks.init()
      rollout.version += 1
      await change(rollout, em, record)
      return rollout
    })
  }
}
