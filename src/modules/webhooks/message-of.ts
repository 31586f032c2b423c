import type { EntityManager } from '@mikro-orm/postgresql'
import type { DomainEvent } from '../../shared/domain-events.ts'
import { toGlobalId } from '../../shared/global-id.ts'
import { Alert } from '../alerts/alert.entity.ts'
import { DecisionRecord } from '../decisions/decision-record.entity.ts'
import { Experiment } from '../experiments/experiment.entity.ts'
import { Metric } from '../metrics/metric.entity.ts'
import { Rollout } from '../rollouts/rollout.entity.ts'
import type { WebhookEventType } from './webhook.enums.ts'

const STEP_TYPES = {
  start: 'EXPERIMENT_STARTED',
  pause: 'EXPERIMENT_PAUSED',
  resume: 'EXPERIMENT_RESUMED',
  complete: 'EXPERIMENT_COMPLETED',
  cancel: 'EXPERIMENT_CANCELLED',
} as const satisfies Record<NonNullable<DomainEvent['step']>, WebhookEventType>

const TYPES: Partial<Record<DomainEvent['type'], WebhookEventType>> = {
  ExperimentCreated: 'EXPERIMENT_CREATED',
  ExperimentChanged: 'EXPERIMENT_UPDATED',
  ExperimentDeleted: 'EXPERIMENT_DELETED',
  MetricChanged: 'METRIC_CHANGED',
  DecisionRecommended: 'DECISION_RECOMMENDED',
  RolloutCreated: 'ROLLOUT_CREATED',
  RolloutChanged: 'ROLLOUT_CHANGED',
  RolloutStarted: 'ROLLOUT_STARTED',
  RolloutStageEntered: 'ROLLOUT_STAGE_ENTERED',
  RolloutPaused: 'ROLLOUT_PAUSED',
  RolloutResumed: 'ROLLOUT_RESUMED',
  RolloutCompleted: 'ROLLOUT_COMPLETED',
  RolloutRolledBack: 'ROLLOUT_ROLLED_BACK',
  RolloutDeleted: 'ROLLOUT_DELETED',
  AlertRaised: 'ALERT_RAISED',
  AlertCleared: 'ALERT_CLEARED',
}

/** The type of message that a domain event makes; null for what webhooks do not tell of. */
export function eventTypeOf({ type, step }: DomainEvent): WebhookEventType | null {
  return step ? STEP_TYPES[step] : (TYPES[type] ?? null)
}

/** What messages are numbered by: the experiment, metric, rollout or alert that they are about. */
export interface MessageContent {
  subject: string
  data: Record<string, unknown>
}

/** What a message tells, as things are in the transaction. */
export async function messageOf(em: EntityManager, { type, subjectId }: DomainEvent): Promise<MessageContent> {
  if (type.startsWith('Experiment')) return aboutExperiment(em, subjectId)
  if (type.startsWith('Rollout')) return aboutRollout(em, subjectId)
  if (type.startsWith('Alert')) return aboutAlert(em, subjectId)
  if (type === 'DecisionRecommended') return aboutDecision(em, subjectId)
  return aboutMetric(em, subjectId)
}

async function aboutExperiment(em: EntityManager, id: number): Promise<MessageContent> {
  const experiment = await em.findOneOrFail(Experiment, { id }, { populate: ['variants'] })
  const { key, name, status, version, startedAt = null, endedAt = null, winnerVariantId } = experiment
  const winner = experiment.variants.getItems().find((variant) => variant.id === winnerVariantId)?.key ?? null
  return about('Experiment', id, { experiment: { key, name, status, version, startedAt, endedAt, winner } })
}

async function aboutRollout(em: EntityManager, id: number): Promise<MessageContent> {
  const rollout = await em.findOneOrFail(Rollout, { id })
  const { key, name, versionLabel, status, version, shareBasisPoints, stageIndex = null } = rollout
  return about('Rollout', id, {
    rollout: { key, name, versionLabel, status, version, shareBasisPoints, stageIndex },
  })
}

async function aboutMetric(em: EntityManager, id: number): Promise<MessageContent> {
  const metric = await em.findOne(Metric, { id })
  const isDeleted = metric === null
  const { key = null, name = null, kind = null, latestVersion = null, archivedAt = null } = metric ?? {}
  return about('Metric', id, { metric: { key, name, kind, latestVersion, archivedAt, isDeleted } })
}

async function aboutAlert(em: EntityManager, id: number): Promise<MessageContent> {
  const { kind, message, raisedAt, clearedAt = null, experimentId } = await em.findOneOrFail(Alert, { id })
  const experiment = experimentId == null ? null : await em.findOne(Experiment, { id: experimentId })
  const experimentKey = experiment?.key ?? null
  return about('Alert', id, { alert: { kind, experimentKey, message, raisedAt, clearedAt } })
}

async function aboutDecision(em: EntityManager, id: number): Promise<MessageContent> {
  const decision = await em.findOneOrFail(DecisionRecord, { id })
  const { experimentId, recommendation, reasons, exposedUnits, decidedAt, winnerVariantId } = decision
  const experiment = await em.findOneOrFail(Experiment, { id: experimentId }, { populate: ['variants'] })
  const winner = experiment.variants.getItems().find((variant) => variant.id === winnerVariantId)?.key ?? null
  const told = { experimentKey: experiment.key, recommendation, winner, reasons, exposedUnits, decidedAt }
  return {
    subject: `Experiment:${experimentId}`,
    data: { decision: { id: toGlobalId('DecisionRecord', id), ...told } },
  }
}

function about(type: string, id: number, parts: Record<string, object>): MessageContent {
  const data = Object.entries(parts).map(([name, part]) => [name, { id: toGlobalId(type, id), ...part }])
  return { subject: `${type}:${id}`, data: Object.fromEntries(data) }
}
