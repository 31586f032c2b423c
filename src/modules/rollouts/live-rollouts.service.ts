import { DomainError } from '../../shared/domain-error.ts'
import type { Viewer } from '../organizations/viewer.ts'
import type { LiveRollouts } from './live-rollouts.ts'
import type { Rollout } from './rollout.entity.ts'
import type { RolloutReadModel } from './rollout.read-model.ts'

/** The subscriptions of one viewer to rollouts. They end with the session: its signal's reason is the error that subscribers get. */
export class LiveRolloutsService {
  readonly #live: LiveRollouts
  readonly #reads: RolloutReadModel
  readonly #viewer: Viewer
  readonly #session: AbortSignal | undefined

  constructor(live: LiveRollouts, reads: RolloutReadModel, viewer: Viewer, session: AbortSignal | undefined) {
    this.#live = live
    this.#reads = reads
    this.#viewer = viewer
    this.#session = session
  }

  /** Ids, for `rollout` to look up. @throws DomainError ROLLOUT_NOT_FOUND */
  async updates(rolloutKey: string): Promise<AsyncIterable<number>> {
    this.#viewer.assertCan('rollout:read')
    const rollout = await this.#reads.byKey(rolloutKey)
    if (!rollout) throw new DomainError('ROLLOUT_NOT_FOUND', `No rollout has the key ${rolloutKey}.`)
    const subscription = this.#live.subscribe(this.#viewer.organizationId, rollout.id)
    return subscription.endWith(this.#session)
  }

  /** The rollout as it is now. @throws DomainError ROLLOUT_DELETED */
  async rollout(rolloutId: number): Promise<Rollout> {
    const [rollout] = await this.#reads.byIds([rolloutId])
    if (!rollout) throw new DomainError('ROLLOUT_DELETED', 'The rollout was deleted.')
    return rollout
  }
}
