import type { FilterQuery } from '@mikro-orm/core'
import type { EntityManager } from '@mikro-orm/postgresql'
import DataLoader from 'dataloader'
import type { Page, PageRequest } from '../../shared/connection.ts'
import { containsText } from '../../shared/contains-text.ts'
import { findPage } from '../../shared/find-page.ts'
import { ormDirection } from '../../shared/order.ts'
import type { Viewer } from '../organizations/viewer.ts'
import { Metric } from './metric.entity.ts'
import type { MetricDefinition } from './metric-definition.ts'
import type { MetricFilter, MetricOrder } from './metric-list.inputs.ts'
import { MetricVersion } from './metric-version.entity.ts'

const ORDER_PROPERTY = { CREATED: 'createdAt', NAME: 'name', KEY: 'key' } as const

interface VersionKey {
  metricId: number
  version: number
}

/** Metrics as screens and other modules see them. */
export class MetricReadModel {
  readonly #em: EntityManager
  readonly #viewer: Viewer
  readonly #definitions: DataLoader<VersionKey, MetricDefinition, string>

  constructor(em: EntityManager, viewer: Viewer) {
    this.#em = em
    this.#viewer = viewer
    // Versions never change, so what was loaded once stays right for as long as the context lives.
    this.#definitions = new DataLoader((keys) => this.#loadDefinitions(keys), { cacheKeyFn: nameOf })
  }

  async byKey(key: string): Promise<Metric | null> {
    this.#viewer.assertCan('metric:read')
    return this.#em.findOne(Metric, { key })
  }

  byIds(ids: readonly number[]): Promise<Metric[]> {
    this.#viewer.assertCan('metric:read')
    return this.#em.find(Metric, { id: { $in: [...ids] } })
  }

  list(request: PageRequest, filter: MetricFilter = {}, order?: MetricOrder | null): Promise<Page<Metric>> {
    this.#viewer.assertCan('metric:read')
    const { field, direction } = order ?? { field: 'CREATED', direction: 'DESC' }
    const orderBy = { [ORDER_PROPERTY[field]]: ormDirection(direction), id: ormDirection(direction) }
    return findPage(this.#em, Metric, conditions(filter), orderBy, request)
  }

  /** The definition of one version; calls of the same moment share a statement. */
  definition(metricId: number, version: number): Promise<MetricDefinition> {
    return this.#definitions.load({ metricId, version })
  }

  async #loadDefinitions(keys: readonly VersionKey[]): Promise<Array<MetricDefinition | Error>> {
    const rows = await this.#em.find(MetricVersion, {
      metric: { $in: [...new Set(keys.map((key) => key.metricId))] },
      version: { $in: [...new Set(keys.map((key) => key.version))] },
    })
    const byName = new Map(
      rows.map(({ metric, version, definition }) => [nameOf({ metricId: metric.id, version }), definition]),
    )
    return keys.map(
      (key) => byName.get(nameOf(key)) ?? new Error(`Metric ${key.metricId} has no version ${key.version}.`),
    )
  }
}

function nameOf({ metricId, version }: VersionKey): string {
  return `${metricId}/${version}`
}

function conditions({ kind, isArchived, text }: MetricFilter): FilterQuery<Metric> {
  return {
    $and: [
      kind ? { kind: { $in: kind } } : {},
      isArchived == null ? {} : { archivedAt: isArchived ? { $ne: null } : null },
      text == null ? {} : containsText(text, ['key', 'name', 'description']),
    ],
  }
}
