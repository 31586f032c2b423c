import type { EntityManager } from '@mikro-orm/postgresql'
import { MetricVersion } from './metric-version.entity.ts'

/** The named versions of metrics, in one query; none for none. */
export async function findVersions(
  em: EntityManager,
  named: ReadonlyArray<{ metricId: number; version?: number | null }>,
): Promise<MetricVersion[]> {
  if (named.length === 0) return []
  const names = new Set(named.map(({ metricId, version }) => `${metricId}:${version}`))
  const all = await em.find(MetricVersion, { metric: { $in: [...new Set(named.map(({ metricId }) => metricId))] } })
  return all.filter((version) => names.has(`${version.metric.id}:${version.version}`))
}
