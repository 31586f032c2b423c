import type { EntityManager } from '@mikro-orm/postgresql'
import { MetricVersion } from './metric-version.entity.ts'

/** The named versions of metrics, in one query; none for none. */
export async function findVersions(
  em: EntityManager,
  named: ReadonlyArray<{ metricId: number; version: number | null | undefined }>,
): Promise<MetricVersion[]> {
  if (named.length === 0) return []
  return em.find(MetricVersion, {
    $or: named.map(({ metricId, version }) => ({ metric: metricId, version: version ?? null })),
  })
}
