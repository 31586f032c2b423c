import 'reflect-metadata'
import { buildSchemaSync, type NonEmptyArray } from 'type-graphql'
import { AlertResolver } from '../modules/alerts/alert.resolver.ts'
import { AssignmentResolver, ExperimentAssignmentResolver } from '../modules/assignment/assignment.resolver.ts'
import { AuditResolver } from '../modules/audit/audit.resolver.ts'
import { AutomationResolver } from '../modules/automation/automation.resolver.ts'
import { DecisionResolver, ExperimentDecisionResolver } from '../modules/decisions/decision.resolver.ts'
import { AllocationResolver } from '../modules/experiments/allocation.resolver.ts'
import { ExperimentResolver } from '../modules/experiments/experiment.resolver.ts'
import { ExperimentMetricResolver } from '../modules/experiments/experiment-metric.resolver.ts'
import { LifecycleResolver } from '../modules/experiments/lifecycle.resolver.ts'
import { OverrideResolver } from '../modules/experiments/override.resolver.ts'
import { VariantResolver } from '../modules/experiments/variant.resolver.ts'
import { IngestionResolver } from '../modules/ingestion/ingestion.resolver.ts'
import { RebuildResolver } from '../modules/ingestion/rebuild.resolver.ts'
import { RetentionResolver } from '../modules/ingestion/retention.resolver.ts'
import { LiveResolver } from '../modules/live/live.resolver.ts'
import { MetricResolver, MetricVersionResolver } from '../modules/metrics/metric.resolver.ts'
import { CredentialResolver } from '../modules/organizations/credential.resolver.ts'
import { OrganizationResolver } from '../modules/organizations/organization.resolver.ts'
import { PlanningResolver } from '../modules/planning/planning.resolver.ts'
import {
  ExperimentRecomputationResolver,
  RecomputationResolver,
} from '../modules/recomputations/recomputation.resolver.ts'
import { ExperimentResultsResolver } from '../modules/results/results.resolver.ts'
import { RampResolver } from '../modules/rollouts/ramp.resolver.ts'
import {
  RolloutCheckResolver,
  RolloutResolver,
  RolloutTransitionResolver,
} from '../modules/rollouts/rollout.resolver.ts'
import { RolloutRuntimeResolver } from '../modules/rollouts/rollout-runtime.resolver.ts'
import { WebhookDeliveryResolver, WebhookResolver } from '../modules/webhooks/webhook.resolver.ts'
import { judgeInfiniteByRules } from '../shared/scalars.ts'
import { guardFields } from './guard-fields.ts'
import { NodeResolver } from './node.resolver.ts'

const resolvers: NonEmptyArray<new () => object> = [
  NodeResolver,
  OrganizationResolver,
  CredentialResolver,
  ExperimentResolver,
  LifecycleResolver,
  AllocationResolver,
  VariantResolver,
  ExperimentMetricResolver,
  OverrideResolver,
  MetricResolver,
  MetricVersionResolver,
  AssignmentResolver,
  ExperimentAssignmentResolver,
  IngestionResolver,
  RebuildResolver,
  RetentionResolver,
  ExperimentResultsResolver,
  LiveResolver,
  PlanningResolver,
  AuditResolver,
  RolloutResolver,
  RolloutCheckResolver,
  RolloutTransitionResolver,
  RampResolver,
  RolloutRuntimeResolver,
  DecisionResolver,
  AlertResolver,
  AutomationResolver,
  WebhookResolver,
  WebhookDeliveryResolver,
  ExperimentDecisionResolver,
  RecomputationResolver,
  ExperimentRecomputationResolver,
]

export function createSchema() {
  judgeInfiniteByRules()
  const schema = buildSchemaSync({
    resolvers,
    // Inputs are checked by the services, whose messages name the value and the rule.
    validate: false,
    // Asked for by type-graphql, never used: every subscription brings an iterable of its own, with one newest value.
    pubSub: { publish: noTopics, subscribe: noTopics },
  })
  return guardFields(schema)
}

function noTopics(): never {
  throw new Error('Subscriptions have no topics; they bring their own iterable.')
}
