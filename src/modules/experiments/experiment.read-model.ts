import type { EntityManager } from '@mikro-orm/postgresql'
import type { Page, PageRequest } from '../../shared/connection.ts'
import { findPage } from '../../shared/find-page.ts'
import type { Viewer } from '../organizations/viewer.ts'
import { Experiment } from './experiment.entity.ts'

/** Experiments as screens and other modules see them: deleted ones do not exist. */
export class ExperimentReadModel {
  readonly #em: EntityManager
  readonly #viewer: Viewer

  constructor(em: EntityManager, viewer: Viewer) {
    this.#em = em
    this.#viewer = viewer
  }

  byKey(key: string): Promise<Experiment | null> {
    this.#viewer.assertCan('experiment:read')
    return this.#em.findOne(Experiment, { key, deletedAt: null })
  }

  byId(id: number): Promise<Experiment | null> {
    this.#viewer.assertCan('experiment:read')
    return this.#em.findOne(Experiment, { organizationId: this.#viewer.organizationId, id, deletedAt: null })
  }

  list(request: PageRequest): Promise<Page<Experiment>> {
    this.#viewer.assertCan('experiment:read')
    return findPage(this.#em, Experiment, { deletedAt: null }, { createdAt: 'desc', id: 'desc' }, request)
  }
}
