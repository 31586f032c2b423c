import type { EntityManager } from '@mikro-orm/postgresql'
import { Organization } from '../organizations/organization.entity.ts'
import type { RolloutRule } from './decide-rollout.ts'
import { Rollout } from './rollout.entity.ts'
import { RolloutWindow } from './rollout-window.entity.ts'

/** How long definitions are used before their organization's revision is looked at again, in milliseconds. */
const TRUSTED_MS = 400

/** All of a rollout that decisions need, as plain values in memory. */
export interface RolloutDefinition extends RolloutRule {
  id: number
  key: string
  unitType: string
  versionLabel: string
  config: Record<string, unknown> | null
  controlConfig: Record<string, unknown> | null
  startedAt: Date | null
  /** The present window; null before the start and after the end. */
  window: { startedAt: Date; attributionId: number | null } | null
}

export interface OrganizationRollouts {
  revision: number
  byKey: ReadonlyMap<string, RolloutDefinition>
  ids: ReadonlySet<number>
  /** Newest start first; drafts are not among them. */
  started: readonly RolloutDefinition[]
}

interface Entry {
  rollouts: OrganizationRollouts
  checkedAt: number
}

/**
 * Rollouts in memory, for decisions. A change by this process is seen at once; one by another process within half a second, because
 * every change raises the revision of its organization in the same transaction.
 */
export class RolloutCache {
  readonly #scoped: (organizationId: string) => EntityManager
  readonly #entries = new Map<string, Entry>()
  readonly #loading = new Map<string, Promise<OrganizationRollouts>>()

  constructor(scoped: (organizationId: string) => EntityManager) {
    this.#scoped = scoped
  }

  of(organizationId: string): OrganizationRollouts | Promise<OrganizationRollouts> {
    const entry = this.#entries.get(organizationId)
    if (entry && performance.now() - entry.checkedAt < TRUSTED_MS) return entry.rollouts
    return this.#refresh(organizationId)
  }

  /** Drops what is remembered, after a change. */
  forget(organizationId: string): void {
    this.#entries.delete(organizationId)
    this.#loading.delete(organizationId)
  }

  /** Drops everything, after changes may have been missed. */
  forgetAll(): void {
    this.#entries.clear()
    this.#loading.clear()
  }

  #refresh(organizationId: string): Promise<OrganizationRollouts> {
    const running = this.#loading.get(organizationId)
    if (running) return running
    const checkedAt = performance.now()
    // What was read before a change of this process is not remembered: forget() has taken it off the list.
    const isCurrent = () => this.#loading.get(organizationId) === loading
    const loading = this.#load(organizationId)
      .then((rollouts) => {
        if (isCurrent()) this.#entries.set(organizationId, { rollouts, checkedAt })
        return rollouts
      })
      .finally(() => {
        if (isCurrent()) this.#loading.delete(organizationId)
      })
    this.#loading.set(organizationId, loading)
    return loading
  }

  async #load(organizationId: string): Promise<OrganizationRollouts> {
    const known = this.#entries.get(organizationId)?.rollouts
    return this.#scoped(organizationId).transactional(
      async (em) => {
        const revision = (await em.findOne(Organization, { id: organizationId }, { refresh: true }))?.revision ?? 0
        return known?.revision === revision ? known : index(revision, await findRollouts(em as EntityManager))
      },
      { readOnly: true },
    )
  }
}

async function findRollouts(em: EntityManager): Promise<RolloutDefinition[]> {
  const rollouts = await em.find(Rollout, { deletedAt: null }, { orderBy: { startedAt: 'desc', id: 'desc' } })
  const open = await em.find(RolloutWindow, { endedAt: null })
  const windows = new Map(open.map((window) => [window.rollout.id, window]))
  return rollouts.map((rollout) => {
    const window = windows.get(rollout.id)
    return {
      id: rollout.id,
      key: rollout.key,
      status: rollout.status,
      salt: rollout.salt,
      shareBasisPoints: rollout.shareBasisPoints,
      targeting: rollout.targeting ?? null,
      unitType: rollout.unitType,
      versionLabel: rollout.versionLabel,
      config: rollout.config ?? null,
      controlConfig: rollout.controlConfig ?? null,
      startedAt: rollout.startedAt ?? null,
      window: window ? { startedAt: window.startedAt, attributionId: window.attributionId ?? null } : null,
    }
  })
}

function index(revision: number, rollouts: readonly RolloutDefinition[]): OrganizationRollouts {
  return {
    revision,
    byKey: new Map(rollouts.map((rollout) => [rollout.key, rollout])),
    ids: new Set(rollouts.map(({ id }) => id)),
    started: rollouts.filter(({ status }) => status !== 'DRAFT'),
  }
}
