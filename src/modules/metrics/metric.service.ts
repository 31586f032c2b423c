import { isDeepStrictEqual } from 'node:util'
import { ForeignKeyConstraintViolationException, LockMode } from '@mikro-orm/core'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Clock } from '../../shared/clock.ts'
import { DomainError } from '../../shared/domain-error.ts'
import { checkKey, checkNotNull, checkOptionalText, checkText } from '../../shared/input-rules.ts'
import { assertVersion, type RecordEvent, type UnitOfWork } from '../../shared/unit-of-work.ts'
import type { Viewer } from '../organizations/viewer.ts'
import { type MarketingEvents, type MetricPreset, marketingMetrics } from './marketing-metrics.ts'
import { Metric } from './metric.entity.ts'
import type {
  ArchiveMetricInput,
  CreateMarketingMetricsInput,
  CreateMetricInput,
  DeleteMetricInput,
  UnarchiveMetricInput,
  UpdateMetricInput,
} from './metric.inputs.ts'
import type { MetricDefinition } from './metric-definition.ts'
import { type DefinitionParts, defineMetric, partsOf } from './metric-definition-rules.ts'
import { MetricVersion } from './metric-version.entity.ts'

const NAME = { min: 1, max: 200 }
const DESCRIPTION = { max: 5_000 }

interface NewMetric {
  key: string
  name: string
  description?: string | null
  definition: MetricDefinition
}

/** Defining metrics. */
export class MetricService {
  readonly #work: UnitOfWork
  readonly #viewer: Viewer
  readonly #clock: Clock

  constructor(work: UnitOfWork, viewer: Viewer, clock: Clock) {
    this.#work = work
    this.#viewer = viewer
    this.#clock = clock
  }

  create(input: CreateMetricInput): Promise<Metric> {
    this.#viewer.assertCan('metric:write')
    const metric = { ...texts(input), key: checkKey(['key'], input.key), definition: defineMetric(input.kind, input) }
    return this.#work.transaction(async (em, record) => {
      if (await em.findOne(Metric, { key: metric.key })) throw keyTaken(metric.key)
      return this.#insert(em, record, metric)
    })
  }

  /** Creates what is missing of the five; those that exist with the same definition are answered as they are. */
  createMarketingMetrics({ keyPrefix, ...names }: CreateMarketingMetricsInput): Promise<Metric[]> {
    this.#viewer.assertCan('metric:write')
    const events: MarketingEvents = {
      impression: names.impressionEventName,
      click: names.clickEventName,
      conversion: names.conversionEventName,
      spend: names.spendEventName,
      revenue: names.revenueEventName,
    }
    const presets = marketingMetrics(keyPrefix, events).map((preset) => ({
      ...preset,
      key: checkKey(['keyPrefix'], preset.key),
      definition: { ...defineMetric('RATIO', preset.parts), preset: preset.preset },
    }))
    return this.#work.transaction(async (em, record) => {
      const metrics: Metric[] = []
      for (const preset of presets) {
        const existing = await em.findOne(Metric, { key: preset.key })
        if (existing) await this.#assertSame(em, existing, preset)
        metrics.push(existing ?? (await this.#insert(em, record, preset)))
      }
      return metrics
    })
  }

  /** Texts change in place; another definition becomes the next version, which drafts follow and started experiments do not. */
  update(input: UpdateMetricInput): Promise<Metric> {
    this.#viewer.assertCan('metric:write')
    return this.#change(input, async (em, metric) => {
      if (input.name !== undefined) metric.name = checkText(['name'], checkNotNull(['name'], input.name), NAME)
      if (input.description !== undefined) {
        metric.description = checkOptionalText(['description'], input.description, DESCRIPTION)
      }
      const current = await newestDefinition(em, metric)
      const definition = defineMetric(metric.kind, { ...partsOf(current), ...givenParts(input) })
      if (isDeepStrictEqual(definition, defineMetric(metric.kind, partsOf(current)))) return
      metric.latestVersion += 1
      const { organizationId, latestVersion } = metric
      em.create(MetricVersion, { organizationId, metric, version: latestVersion, definition })
    })
  }

  archive(input: ArchiveMetricInput): Promise<Metric> {
    this.#viewer.assertCan('metric:write')
    return this.#change(input, (_em, metric) => {
      metric.archivedAt ??= this.#clock()
    })
  }

  unarchive(input: UnarchiveMetricInput): Promise<Metric> {
    this.#viewer.assertCan('metric:write')
    return this.#change(input, (_em, metric) => {
      metric.archivedAt = null
    })
  }

  /** Removes a metric that no experiment and no rollout has ever used; deleted ones count as well. */
  async delete(input: DeleteMetricInput): Promise<{ deletedId: string; metricKey: string }> {
    this.#viewer.assertCan('metric:write')
    let deletedId = ''
    await this.#change(input, async (em, metric) => {
      deletedId = metric.nodeId
      em.remove(await em.find(MetricVersion, { metric: metric.id }))
      em.remove(metric)
      try {
        await em.flush()
      } catch (error) {
        if (!(error instanceof ForeignKeyConstraintViolationException)) throw error
        throw new DomainError(
          'METRIC_IN_USE',
          `The metric ${metric.key} is used by an experiment or a rollout; archive it instead.`,
        )
      }
    })
    return { deletedId, metricKey: input.metricKey }
  }

  #change(
    { metricKey, expectedVersion }: { metricKey: string; expectedVersion?: number | null },
    change: (em: EntityManager, metric: Metric) => Promise<void> | void,
  ): Promise<Metric> {
    return this.#work.transaction(async (em, record) => {
      const metric = await em.findOne(Metric, { key: metricKey }, { lockMode: LockMode.PESSIMISTIC_WRITE })
      if (!metric) throw new DomainError('METRIC_NOT_FOUND', `No metric has the key ${metricKey}.`)
      assertVersion('metric', expectedVersion, metric.latestVersion)
      const { organizationId, id } = metric
      await change(em, metric)
      record({ type: 'MetricChanged', organizationId, subjectId: id })
      return metric
    })
  }

  async #insert(em: EntityManager, record: RecordEvent, { definition, ...texts }: NewMetric): Promise<Metric> {
    const { organizationId } = this.#viewer
    const { key, name, description } = texts
    const metric = em.create(Metric, {
      organizationId,
      key,
      name,
      description,
      kind: definition.kind,
      latestVersion: 1,
    })
    // The version carries the id of the metric in its key, so it must be known before it is written.
    await em.flush()
    em.create(MetricVersion, { organizationId, metric, version: 1, definition })
    await em.flush()
    record({ type: 'MetricChanged', organizationId, subjectId: metric.id })
    return metric
  }

  async #assertSame(em: EntityManager, existing: Metric, preset: MetricPreset & NewMetric): Promise<void> {
    const definition = await newestDefinition(em, existing)
    if (existing.archivedAt || !isDeepStrictEqual(definition, preset.definition)) throw keyTaken(preset.key)
  }
}

function texts({ name, description }: { name: string; description?: string | null }) {
  return {
    name: checkText(['name'], name, NAME),
    description: checkOptionalText(['description'], description, DESCRIPTION),
  }
}

function givenParts(input: UpdateMetricInput): Partial<DefinitionParts> {
  const { metricKey: _key, expectedVersion: _version, name: _name, description: _description, ...parts } = input
  const given = Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined))
  if (given.eventName === null) checkNotNull(['eventName'], given.eventName)
  return given as Partial<DefinitionParts>
}

async function newestDefinition(em: EntityManager, metric: Metric): Promise<MetricDefinition> {
  const { definition } = await em.findOneOrFail(MetricVersion, { metric: metric.id, version: metric.latestVersion })
  return definition
}

function keyTaken(key: string): DomainError {
  return new DomainError('KEY_TAKEN', `The key ${key} is in use by another metric.`)
}
