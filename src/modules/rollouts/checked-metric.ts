import type { EntityManager } from '@mikro-orm/postgresql'
import { findVersions } from '../metrics/find-versions.ts'
import type { Metric } from '../metrics/metric.entity.ts'
import type { MetricDirection, MetricKind } from '../metrics/metric-definition.ts'

/** The metric of a METRIC check, by one version of its definition. */
export interface CheckedMetric {
  key: string
  kind: MetricKind
  direction: MetricDirection
  version: number
}

/** By its newest definition. */
export async function checkedMetric(em: EntityManager, metric: Metric): Promise<CheckedMetric> {
  const { id, key, kind, latestVersion: version } = metric
  const [newest] = await findVersions(em, [{ metricId: id, version }])
  return { key, kind, version, direction: newest!.definition.direction }
}
