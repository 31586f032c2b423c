import { raw } from '@mikro-orm/core'
import type { EntityManager } from '@mikro-orm/postgresql'
import { Experiment } from '../modules/experiments/experiment.entity.ts'
import { indexExperiment, unindexExperiment } from '../modules/ingestion/attribution-index.ts'
import { DEFINITION_SLOT, endAttribution, excludeOverridden } from '../modules/ingestion/withdraw.ts'
import { findVersions } from '../modules/metrics/find-versions.ts'
import { Organization } from '../modules/organizations/organization.entity.ts'
import type { DomainEvent } from '../shared/domain-events.ts'
import { stampOf } from '../shared/stamp.ts'
import { ROLLOUTS } from './jobs/job-kinds.ts'
import type { Platform } from './platform.ts'

const ABOUT_ACCESS: ReadonlySet<DomainEvent['type']> = new Set([
  'OrganizationChanged',
  'MemberChanged',
  'CredentialCreated',
  'CredentialChanged',
  'CredentialRevoked',
])

/** What changes no definition. */
const ABOUT_RESULTS: ReadonlySet<DomainEvent['type']> = new Set(['AlertRaised', 'AlertCleared', 'DecisionRecommended'])

/** Who follows which domain event: in its transaction the webhooks, the attribution index, the revision and the change counter; after it everybody who hears of changes. */
export function followDomainEvents(platform: Platform): void {
  platform.events.onRecord(async (em, event) => {
    const { actor, reason = null } = stampOf(em)
    await platform.webhooks.outbox.write(em, event, actor, reason)
  })
  platform.events.onRecord(async (em, event) => {
    if (ABOUT_ACCESS.has(event.type) || ABOUT_RESULTS.has(event.type)) return
    if (event.type === 'ExperimentChanged' || event.type === 'ExperimentDeleted')
      await reindex(em, event, platform.clock())
    if (event.type === 'RolloutStarted' || event.type === 'RolloutResumed')
      await platform.jobs.add(ROLLOUTS, event.organizationId, {}, { em })
    await em.nativeUpdate(Organization, { id: event.organizationId }, { revision: raw('revision + 1') })
  })
  platform.events.onCommitted((event) => {
    const { organizationId, subjectId, type } = event
    if (ABOUT_ACCESS.has(type)) platform.feed.publish({ topic: 'access', organizationId, ids: [] })
    else if (ABOUT_RESULTS.has(type)) platform.feed.publish({ topic: 'alert', organizationId, ids: [subjectId] })
    else if (type.startsWith('Rollout')) platform.feed.publish({ topic: 'rollout', organizationId, ids: [subjectId] })
    else
      platform.feed.publish({ topic: 'definition', organizationId, ids: type === 'MetricChanged' ? [] : [subjectId] })
  })
}

async function reindex(em: EntityManager, { subjectId }: DomainEvent, now: Date): Promise<void> {
  const experiment = await em.findOneOrFail(Experiment, { id: subjectId }, { populate: ['metrics'] })
  if (!experiment.startedAt) return
  // Results depend on the definition too, and a subscriber goes by their version.
  await em.execute(
    `insert into experiment_change as v (organization_id, experiment_id, slot, version) values (?, ?, ?, 1)
     on conflict (organization_id, experiment_id, slot) do update set version = v.version + 1`,
    [experiment.organizationId, experiment.id, DEFINITION_SLOT],
  )
  if (experiment.deletedAt) return unindexExperiment(em, experiment)
  if (experiment.endedAt) return endAttribution(em, experiment, experiment.endedAt)
  const metrics = experiment.metrics.getItems()
  const versions = await findVersions(
    em,
    metrics.map((metric) => ({ metricId: metric.metric.id, version: metric.metricVersion })),
  )
  await indexExperiment(
    em,
    experiment,
    versions.map((version) => ({ metricId: version.metric.id, definition: version.definition })),
  )
  await excludeOverridden(em, experiment, now)
}
