import type { EntityManager } from '@mikro-orm/postgresql'
import { RevisionCache } from '../organizations/revision-cache.ts'
import type { RolloutRule } from './decide-rollout.ts'
import { Rollout } from './rollout.entity.ts'
import { RolloutWindow } from './rollout-window.entity.ts'

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
  byKey: ReadonlyMap<string, RolloutDefinition>
  ids: ReadonlySet<number>
  /** Ids of rollouts by the attribution id of their present window. */
  byAttribution: ReadonlyMap<number, number>
  /** Newest start first; drafts are not among them. */
  started: readonly RolloutDefinition[]
}

/** Rollouts in memory, for decisions. */
export class RolloutCache extends RevisionCache<OrganizationRollouts> {
  constructor(scoped: (organizationId: string) => EntityManager) {
    super(scoped, async (em) => index(await findRollouts(em)))
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

function index(rollouts: readonly RolloutDefinition[]): OrganizationRollouts {
  return {
    byKey: new Map(rollouts.map((rollout) => [rollout.key, rollout])),
    ids: new Set(rollouts.map(({ id }) => id)),
    byAttribution: new Map(
      rollouts.flatMap(({ id, window }) => (window?.attributionId == null ? [] : [[window.attributionId, id]])),
    ),
    started: rollouts.filter(({ status }) => status !== 'DRAFT'),
  }
}
