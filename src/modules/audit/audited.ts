/** Rows that the server keeps for itself: the log, and what follows from changes that have entries of their own. */
const UNAUDITED: ReadonlySet<string> = new Set([
  'AuditEntry',
  'DecisionRecord',
  'Alert',
  'WebhookDelivery',
  'WebhookAttempt',
  'RolloutWindow',
  'RolloutTransition',
])

/** Objects that are parts of another one, and the property that leads to it. */
const PARTS: Readonly<Record<string, string>> = {
  Variant: 'experiment',
  ExperimentMetric: 'experiment',
  Override: 'experiment',
  AllocationEpoch: 'experiment',
  MetricVersion: 'metric',
  RolloutCheck: 'rollout',
  ResultsRecomputation: 'experiment',
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

export function isAudited(entityName: string): boolean {
  return !UNAUDITED.has(entityName)
}

/** The property that leads to what an object is part of; null for an object of its own. */
export function partOf(entityName: string): string | null {
  return PARTS[entityName] ?? null
}

/** Whether the values of a property are shown in the log. Binary columns hold hashes and encrypted secrets. */
export function isShown(property: string, columnType: string): boolean {
  return !STAMPS.has(property) && columnType !== 'blob' && !/secret|hash/i.test(property)
}
