import { raw } from '@mikro-orm/core'
import type { EntityManager } from '@mikro-orm/postgresql'
import { Experiment } from '../modules/experiments/experiment.entity.ts'
import { indexExperiment, unindexExperiment } from '../modules/ingestion/attribution-index.ts'
import { findVersions } from '../modules/metrics/find-versions.ts'
import { Organization } from '../modules/organizations/organization.entity.ts'
import type { DomainEvent } from '../shared/domain-events.ts'
import type { Platform } from './platform.ts'

/** Who follows which domain event: in its transaction the attribution index and the revision, after it the caches. */
export function followDomainEvents(platform: Platform): void {
  platform.events.onRecord(async (em, event) => {
    if (event.type === 'CredentialRevoked') return
    if (event.type === 'ExperimentChanged' || event.type === 'ExperimentDeleted') await reindex(em, event)
    await em.nativeUpdate(Organization, { id: event.organizationId }, { revision: raw('revision + 1') })
  })
  platform.events.onCommitted((event) => {
    if (event.type === 'CredentialRevoked') platform.authenticator.forget()
    else platform.definitions.forget(event.organizationId)
  })
}

async function reindex(em: EntityManager, { subjectId }: DomainEvent): Promise<void> {
  const experiment = await em.findOneOrFail(Experiment, { id: subjectId }, { populate: ['metrics'] })
  if (experiment.deletedAt) return unindexExperiment(em, experiment)
  if (!experiment.startedAt) return
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
}
