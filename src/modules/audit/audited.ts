import type { Actor } from '../../shared/actor.ts'

/** Rows that the server keeps for itself: the log, and what follows from changes that have entries of their own. */
const UNAUDITED: ReadonlySet<string> = new Set([
  'AuditEntry',
  'DecisionRecord',
  'Alert',
  'WebhookAttempt',
  'RolloutWindow',
  'RolloutTransition',
])

/** Rows that the server changes all the time by itself: what somebody else does with them is worth an entry. */
const AUDITED_BY_HAND: ReadonlySet<string> = new Set(['WebhookDelivery'])

/** Objects that are parts of another one, and the property that leads to it. */
const PARTS: Readonly<Record<string, string>> = {
  Variant: 'experiment',
  ExperimentMetric: 'experiment',
  Override: 'experiment',
  AllocationEpoch: 'experiment',
  MetricVersion: 'metric',
  RolloutCheck: 'rollout',
  ResultsRecomputation: 'experiment',
  WebhookDelivery: 'endpoint',
  WebhookSecret: 'endpoint',
}

/** Values that say nothing of their own: who and when stand in the entry, the version rises with every change. */
const STAMPS: ReadonlySet<string> = new Set([
  'id',
  'organizationId',
  'createdAt',
  'updatedAt',
  'createdBy',
  'updatedBy',
  'version',
  'revision',
  'failingSince',
])

export function isAudited(entityName: string, actor: Actor): boolean {
  return !UNAUDITED.has(entityName) && (actor !== 'system' || !AUDITED_BY_HAND.has(entityName))
}

/** The property that leads to what an object is part of; null for an object of its own. */
export function partOf(entityName: string): string | null {
  return PARTS[entityName] ?? null
}

/** Whether the log takes note of a property. */
export function isNoted(property: string): boolean {
  return !STAMPS.has(property)
}

/** Whether the log says no more than that a property changed. Binary columns hold hashes and encrypted secrets. */
export function isSecret(property: string, columnType: string): boolean {
  return columnType === 'blob' || /(secret|hash)$/i.test(property)
}
