import type { FilterQuery } from '@mikro-orm/core'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Page, PageRequest } from '../../shared/connection.ts'
import { findPage } from '../../shared/find-page.ts'
import type { Viewer } from '../organizations/viewer.ts'
import type { AuditFilter } from './audit.inputs.ts'
import { AuditEntry } from './audit-entry.entity.ts'

/** The log of changes. */
export class AuditReadModel {
  readonly #em: EntityManager
  readonly #viewer: Viewer

  constructor(em: EntityManager, viewer: Viewer) {
    this.#em = em
    this.#viewer = viewer
  }

  /** Newest first. */
  list(request: PageRequest, filter: AuditFilter = {}): Promise<Page<AuditEntry>> {
    this.#viewer.assertCan('audit:read')
    return findPage(this.#em, AuditEntry, conditions(filter), { id: 'desc' }, request)
  }

  byIds(ids: readonly number[]): Promise<AuditEntry[]> {
    this.#viewer.assertCan('audit:read')
    return this.#em.find(AuditEntry, { id: { $in: [...ids] } })
  }
}

function conditions(filter: AuditFilter): FilterQuery<AuditEntry> {
  const { actor, action, subjectType, rootType, rootKey, from, to } = filter
  return {
    ...(actor && { actor: { $in: actor } }),
    ...(action && { action: { $in: action } }),
    ...(subjectType && { subjectType: { $in: subjectType } }),
    ...(rootType != null && { rootType }),
    ...(rootKey != null && { rootKey }),
    at: { ...(from && { $gte: from }), ...(to && { $lt: to }) },
  }
}
