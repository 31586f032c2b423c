import type { FilterQuery } from '@mikro-orm/core'
import type { EntityManager } from '@mikro-orm/postgresql'
import DataLoader from 'dataloader'
import type { Clock } from '../../shared/clock.ts'
import type { Page, PageRequest } from '../../shared/connection.ts'
import { containsText } from '../../shared/contains-text.ts'
import { findPage } from '../../shared/find-page.ts'
import { ormDirection } from '../../shared/order.ts'
import type { Viewer } from '../organizations/viewer.ts'
import { Experiment } from './experiment.entity.ts'
import type { ExperimentFilter, ExperimentOrder, TimeRangeInput } from './experiment-list.inputs.ts'
import { type Progress, progressOf } from './experiment-progress.ts'
import { Variant } from './variant.entity.ts'

const ORDER_PROPERTY = { CREATED: 'createdAt', STARTED: 'startedAt', NAME: 'name', KEY: 'key' } as const

/** Where the units that met an experiment are counted. */
export interface ExposureCounts {
  /** Exposed units by experiment id; an experiment without any may be left out. */
  exposedUnits(experimentIds: readonly number[]): Promise<ReadonlyMap<number, number>>
}

/** Experiments as screens and other modules see them: deleted ones do not exist. */
export class ExperimentReadModel {
  readonly #em: EntityManager
  readonly #viewer: Viewer
  readonly #clock: Clock
  readonly #exposedUnits: DataLoader<number, number>
  readonly #experiments: DataLoader<number, Experiment | null>
  readonly #variants: DataLoader<number, Variant | null>

  constructor(em: EntityManager, viewer: Viewer, clock: Clock, counts: ExposureCounts) {
    this.#em = em
    this.#viewer = viewer
    this.#clock = clock
    this.#exposedUnits = new DataLoader(
      async (ids) => {
        const units = await counts.exposedUnits(ids)
        return ids.map((id) => units.get(id) ?? 0)
      },
      // They grow while a subscription lives.
      { cache: false },
    )
    this.#experiments = new DataLoader(async (ids) => inOrder(ids, await this.byIds(ids)), { cache: false })
    this.#variants = new DataLoader(async (ids) => inOrder(ids, await this.variantsByIds(ids)), { cache: false })
  }

  async byKey(key: string): Promise<Experiment | null> {
    this.#viewer.assertCan('experiment:read')
    return this.#em.findOne(Experiment, { key, deletedAt: null })
  }

  /** Whether the key names an experiment, for runtime calls: it tells nothing else and needs no permission. */
  async exists(key: string): Promise<boolean> {
    return (await this.#em.count(Experiment, { key, deletedAt: null })) > 0
  }

  byIds(ids: readonly number[]): Promise<Experiment[]> {
    this.#viewer.assertCan('experiment:read')
    return this.#em.find(Experiment, { id: { $in: [...ids] }, deletedAt: null })
  }

  /** What `byIds` finds, for one of many that are asked for at a time. */
  byId(id: number): Promise<Experiment | null> {
    return this.#experiments.load(id)
  }

  variantById(id: number): Promise<Variant | null> {
    return this.#variants.load(id)
  }

  variantsByIds(ids: readonly number[]): Promise<Variant[]> {
    this.#viewer.assertCan('experiment:read')
    return this.#em.find(Variant, { id: { $in: [...ids] }, experiment: { deletedAt: null } })
  }

  list(request: PageRequest, filter: ExperimentFilter = {}, order?: ExperimentOrder | null): Promise<Page<Experiment>> {
    this.#viewer.assertCan('experiment:read')
    const { field, direction } = order ?? { field: 'CREATED', direction: 'DESC' }
    const orderBy = { [ORDER_PROPERTY[field]]: ormDirection(direction), id: ormDirection(direction) }
    return findPage(this.#em, Experiment, conditions(filter), orderBy, request)
  }

  async progress(experiment: Experiment): Promise<Progress | null> {
    const plannedSampleSize = experiment.analysis.plannedSampleSize
    const facts = {
      startedAt: experiment.startedAt ?? null,
      endedAt: experiment.endedAt ?? null,
      plannedDurationDays: experiment.plannedDurationDays ?? null,
      plannedSampleSize,
      exposedUnits: plannedSampleSize === null ? 0 : await this.#exposedUnits.load(experiment.id),
    }
    return progressOf(facts, this.#clock())
  }
}

function inOrder<T extends { id: number }>(ids: readonly number[], found: readonly T[]): Array<T | null> {
  const byId = new Map(found.map((each) => [each.id, each]))
  return ids.map((id) => byId.get(id) ?? null)
}

function conditions({ status, tag, text, createdBetween, startedBetween }: ExperimentFilter): FilterQuery<Experiment> {
  return {
    $and: [
      { deletedAt: null },
      status ? { status: { $in: status } } : {},
      tag == null ? {} : { tags: { $contains: [tag] } },
      text == null ? {} : containsText(text, ['key', 'name', 'hypothesis']),
      { createdAt: between(createdBetween) },
      startedBetween ? { startedAt: { $ne: null, ...between(startedBetween) } } : {},
    ],
  }
}

function between(range: TimeRangeInput | null | undefined): { $gte?: Date; $lt?: Date } {
  return { ...(range?.from && { $gte: range.from }), ...(range?.to && { $lt: range.to }) }
}
