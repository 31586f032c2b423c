import { Alert } from '../modules/alerts/alert.entity.ts'
import { AuditEntry } from '../modules/audit/audit-entry.entity.ts'
import { DecisionRecord } from '../modules/decisions/decision-record.entity.ts'
import { AllocationEpoch } from '../modules/experiments/allocation-epoch.entity.ts'
import { Experiment } from '../modules/experiments/experiment.entity.ts'
import { ExperimentMetric } from '../modules/experiments/experiment-metric.entity.ts'
import { Override } from '../modules/experiments/override.entity.ts'
import { Variant } from '../modules/experiments/variant.entity.ts'
import { Metric } from '../modules/metrics/metric.entity.ts'
import { MetricVersion } from '../modules/metrics/metric-version.entity.ts'
import { Credential } from '../modules/organizations/credential.entity.ts'
import { Member } from '../modules/organizations/member.entity.ts'
import { Organization } from '../modules/organizations/organization.entity.ts'
import { ResultsRecomputation } from '../modules/recomputations/results-recomputation.entity.ts'
import { Rollout } from '../modules/rollouts/rollout.entity.ts'
import { RolloutCheck } from '../modules/rollouts/rollout-check.entity.ts'
import { RolloutTransition } from '../modules/rollouts/rollout-transition.entity.ts'
import { RolloutWindow } from '../modules/rollouts/rollout-window.entity.ts'
import { WebhookAttempt } from '../modules/webhooks/webhook-attempt.entity.ts'
import { WebhookDelivery } from '../modules/webhooks/webhook-delivery.entity.ts'
import { WebhookEndpoint } from '../modules/webhooks/webhook-endpoint.entity.ts'
import { WebhookSecret } from '../modules/webhooks/webhook-secret.entity.ts'

/** Every table that the ORM reads and writes; the hot tables of ingestion are reached by SQL alone. */
export const entities = [
  Organization,
  Member,
  Credential,
  Metric,
  MetricVersion,
  Experiment,
  Variant,
  ExperimentMetric,
  Override,
  AllocationEpoch,
  AuditEntry,
  Rollout,
  RolloutCheck,
  RolloutWindow,
  RolloutTransition,
  DecisionRecord,
  Alert,
  ResultsRecomputation,
  WebhookEndpoint,
  WebhookSecret,
  WebhookDelivery,
  WebhookAttempt,
]
