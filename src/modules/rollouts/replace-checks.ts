import type { EntityManager } from '@mikro-orm/postgresql'
import { DomainError } from '../../shared/domain-error.ts'
import { checkCount, fail } from '../../shared/input-rules.ts'
import { Metric } from '../metrics/metric.entity.ts'
import { checkedMetric } from './checked-metric.ts'
import { designCheck } from './design-check.ts'
import type { Rollout } from './rollout.entity.ts'
import type { RolloutHealthCheckInput } from './rollout.inputs.ts'
import { RolloutCheck } from './rollout-check.entity.ts'

const MOST_CHECKS = 100

/** Gives a draft these health checks instead of those it has. */
export async function replaceChecks(
  em: EntityManager,
  rollout: Rollout,
  inputs: readonly RolloutHealthCheckInput[],
): Promise<void> {
  checkCount(['healthChecks'], inputs, MOST_CHECKS)
  await rollout.checks.init()
  rollout.checks.removeAll()
  await em.flush()
  const keys = new Set<string>()
  for (const [position, input] of inputs.entries()) {
    const path = ['healthChecks', position]
    const metric = await metricOf(em, path, input)
    const { key, ...rule } = designCheck(path, input, metric && (await checkedMetric(em, metric)))
    if (keys.has(key))
      fail('HEALTH_CHECK_INVALID', [...path, 'key'], `is ${key}, which another check has; give it a key of its own.`)
    keys.add(key)
    em.create(RolloutCheck, { organizationId: rollout.organizationId, rollout, key, ...rule, metric, position })
  }
  await em.flush()
}

async function metricOf(
  em: EntityManager,
  path: readonly (string | number)[],
  { signal, metricKey }: RolloutHealthCheckInput,
): Promise<Metric | null> {
  const at = [...path, 'metricKey']
  if (signal !== 'METRIC') {
    if (metricKey != null) fail('HEALTH_CHECK_INVALID', at, `is given, but ${signal} reads no metric.`)
    return null
  }
  if (metricKey == null) fail('HEALTH_CHECK_INVALID', at, 'is missing; METRIC reads a metric.')
  const metric = await em.findOne(Metric, { key: metricKey })
  if (!metric) throw new DomainError('METRIC_NOT_FOUND', `No metric has the key ${metricKey}.`)
  if (metric.archivedAt) {
    throw new DomainError(
      'METRIC_ARCHIVED',
      `The metric ${metricKey} is archived; unarchive it to watch it in a rollout.`,
    )
  }
  return metric
}
