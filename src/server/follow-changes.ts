import type { Change } from '../database/change-feed.ts'
import type { Platform } from './platform.ts'

/** What follows a change of this process or of another one on the database: caches forget, subscribers are told. */
export function followChanges(platform: Platform): void {
  const { feed, definitions, rollouts, authenticator, sessions, live } = platform
  const follow: Record<Change['topic'], (change: Change) => void> = {
    aggregates: ({ organizationId, ids }) => {
      live.results.changed(organizationId, ids)
      void rollouts.aggregatesChanged(organizationId, ids)
    },
    definition: ({ organizationId, ids }) => {
      definitions.forget(organizationId)
      live.results.changed(organizationId, ids)
      live.experiments.changed(organizationId, ids)
    },
    rollout: ({ organizationId, ids }) => {
      rollouts.cache.forget(organizationId)
      rollouts.live.changed(organizationId, ids)
    },
    alert: ({ organizationId }) => live.alerts.changed(organizationId),
    rolloutHealth: ({ organizationId, ids }) => rollouts.live.changed(organizationId, ids),
    access: ({ organizationId }) => {
      authenticator.forget()
      void sessions.recheck(organizationId)
    },
  }
  feed.onChange((change) => follow[change.topic](change))
  feed.onGap(() => {
    definitions.forgetAll()
    rollouts.cache.forgetAll()
    rollouts.live.changedAll()
    authenticator.forget()
    void sessions.recheck()
    live.results.changedAll()
    live.experiments.changedAll()
    live.alerts.changedAll()
  })
}
