import type { EntityManager } from '@mikro-orm/postgresql'
import { checkedMetric } from './checked-metric.ts'
import { designCheck } from './design-check.ts'
import type { Rollout } from './rollout.entity.ts'

/**
 * What a start does to the health checks, which are loaded: those that read a metric are designed anew by its newest definition, and
 * keep that version.
 * @throws DomainError as for a new check, where it does not fit the definition any more
 */
export async function freezeChecks(em: EntityManager, rollout: Rollout): Promise<void> {
  for (const [position, check] of rollout.checks.getItems().entries()) {
    if (!check.metric) continue
    const metric = await checkedMetric(em, await check.metric.loadOrFail())
    const { key: _key, ...rule } = designCheck(['healthChecks', position], { ...check, metricKey: metric.key }, metric)
    Object.assign(check, rule, { metricVersion: metric.version })
  }
}
