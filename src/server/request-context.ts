import type { EntityManager } from '@mikro-orm/postgresql'
import { AlertReadModel } from '../modules/alerts/alert.read-model.ts'
import { AssignmentService } from '../modules/assignment/assignment.service.ts'
import { AssignmentStatistics } from '../modules/assignment/assignment-statistics.ts'
import { AuditReadModel } from '../modules/audit/audit.read-model.ts'
import { AutomationService } from '../modules/automation/automation.service.ts'
import { DecisionReadModel } from '../modules/decisions/decision.read-model.ts'
import { ResultStates } from '../modules/decisions/result-states.ts'
import { StepRecorder } from '../modules/decisions/step-recorder.ts'
import { AllocationService } from '../modules/experiments/allocation.service.ts'
import { ExperimentReadModel } from '../modules/experiments/experiment.read-model.ts'
import { ExperimentRepository } from '../modules/experiments/experiment.repository.ts'
import { ExperimentService } from '../modules/experiments/experiment.service.ts'
import { ExperimentMetricService } from '../modules/experiments/experiment-metric.service.ts'
import { LifecycleService } from '../modules/experiments/lifecycle.service.ts'
import { OverrideService } from '../modules/experiments/override.service.ts'
import type { StepWitness } from '../modules/experiments/step-witness.ts'
import { VariantService } from '../modules/experiments/variant.service.ts'
import type { AggregateRebuild } from '../modules/ingestion/aggregate-rebuild.ts'
import type { Ingestion } from '../modules/ingestion/ingestion.ts'
import { LiveService } from '../modules/live/live.service.ts'
import { MetricReadModel } from '../modules/metrics/metric.read-model.ts'
import { MetricService } from '../modules/metrics/metric.service.ts'
import { AccessReadModel } from '../modules/organizations/access.read-model.ts'
import { CredentialService } from '../modules/organizations/credential.service.ts'
import { MemberService } from '../modules/organizations/member.service.ts'
import type { Viewer } from '../modules/organizations/viewer.ts'
import { PlanningService } from '../modules/planning/planning.service.ts'
import { RecomputationReadModel } from '../modules/recomputations/recomputation.read-model.ts'
import { RecomputationService } from '../modules/recomputations/recomputation.service.ts'
import { ResultsLoader } from '../modules/results/results-loader.ts'
import type { RolloutHealthService } from '../modules/rollouts/health.service.ts'
import { LiveRolloutsService } from '../modules/rollouts/live-rollouts.service.ts'
import { PromotionService } from '../modules/rollouts/promotion.service.ts'
import { RampService } from '../modules/rollouts/ramp.service.ts'
import { RolloutReadModel } from '../modules/rollouts/rollout.read-model.ts'
import { RolloutRepository } from '../modules/rollouts/rollout.repository.ts'
import { RolloutService } from '../modules/rollouts/rollout.service.ts'
import { RolloutDecisionService } from '../modules/rollouts/rollout-decision.service.ts'
import { WebhookReadModel } from '../modules/webhooks/webhook.read-model.ts'
import { WebhookService } from '../modules/webhooks/webhook.service.ts'
import { UnitOfWork } from '../shared/unit-of-work.ts'
import type { Platform } from './platform.ts'

/**
 * All that one operation may touch, within the organization of its viewer.
 * Apollo Server hands resolvers an object derived from it, so it has no `#private` members.
 */
export class RequestContext {
  readonly viewer: Viewer
  readonly platform: Platform
  readonly em: EntityManager
  readonly work: UnitOfWork
  readonly experimentReads: ExperimentReadModel
  readonly metricReads: MetricReadModel
  readonly assignmentStatistics: AssignmentStatistics
  readonly results: ResultsLoader
  readonly live: LiveService
  readonly access: AccessReadModel
  readonly rolloutReads: RolloutReadModel
  readonly liveRollouts: LiveRolloutsService
  readonly alerts: AlertReadModel
  readonly decisions: DecisionReadModel
  readonly resultStates: ResultStates
  readonly webhookReads: WebhookReadModel
  readonly recomputationReads: RecomputationReadModel
  readonly experimentRepository: ExperimentRepository

  /** @param session - what ends subscriptions; nothing for a single request */
  constructor(platform: Platform, viewer: Viewer, session?: AbortSignal) {
    this.platform = platform
    this.viewer = viewer
    this.em = platform.scopedTo(viewer.organizationId, viewer.actor, viewer.reason ?? undefined)
    this.work = new UnitOfWork(this.em, platform.events)
    this.experimentRepository = new ExperimentRepository(this.work, viewer)
    this.experimentReads = new ExperimentReadModel(this.em, viewer, platform.clock, {
      exposedUnits: (ids) => platform.aggregates.exposedUnits(viewer.organizationId, ids),
    })
    this.metricReads = new MetricReadModel(this.em, viewer)
    this.assignmentStatistics = new AssignmentStatistics(platform.assignmentStore, viewer)
    this.results = new ResultsLoader(platform.results, viewer)
    this.recomputationReads = new RecomputationReadModel(this.em, viewer)
    this.access = new AccessReadModel(this.em, viewer)
    this.rolloutReads = new RolloutReadModel(this.em, viewer, platform.rollouts.health, this.metricReads)
    this.liveRollouts = new LiveRolloutsService(platform.rollouts.live, this.rolloutReads, viewer, session)
    this.alerts = new AlertReadModel(this.em, viewer, platform.live.alerts, session)
    this.decisions = new DecisionReadModel(this.em, viewer, this.rolloutReads)
    this.resultStates = new ResultStates(this.em, viewer)
    this.webhookReads = new WebhookReadModel(this.em, viewer, platform.clock)
    this.live = new LiveService(platform.live, this.experimentReads, viewer, session)
  }

  get members(): MemberService {
    return new MemberService(this.work, this.viewer, this.platform.clock)
  }

  get credentials(): CredentialService {
    return new CredentialService(this.work, this.viewer, this.platform.clock)
  }

  get audit(): AuditReadModel {
    return new AuditReadModel(this.em, this.viewer)
  }

  get planning(): PlanningService {
    return new PlanningService(this.platform.definitions, this.platform.aggregates, this.viewer)
  }

  get recomputations(): RecomputationService {
    const { jobs, retention, clock } = this.platform
    return new RecomputationService(this.work, this.viewer, { jobs, retention, clock })
  }

  get experiments(): ExperimentService {
    return new ExperimentService(this.work, this.experimentRepository, this.viewer, this.platform.clock)
  }

  get lifecycle(): LifecycleService {
    return this.lifecycleSeenBy(new StepRecorder(this.platform, this.viewer))
  }

  lifecycleSeenBy(witness: StepWitness): LifecycleService {
    return new LifecycleService(this.experimentRepository, this.viewer, this.platform.clock, witness)
  }

  get automation(): AutomationService {
    return new AutomationService(this.experimentRepository, this.viewer, this.platform.clock)
  }

  get webhooks(): WebhookService {
    return new WebhookService(this.work, this.viewer, this.platform.webhooks.tools)
  }

  get allocations(): AllocationService {
    return new AllocationService(this.experimentRepository, this.viewer, this.platform.clock)
  }

  get variants(): VariantService {
    return new VariantService(this.experimentRepository, this.viewer)
  }

  get experimentMetrics(): ExperimentMetricService {
    return new ExperimentMetricService(this.experimentRepository, this.viewer)
  }

  get overrides(): OverrideService {
    return new OverrideService(this.experimentRepository, this.viewer)
  }

  get metrics(): MetricService {
    return new MetricService(this.work, this.viewer, this.platform.clock)
  }

  get rebuild(): AggregateRebuild {
    return this.platform.rebuild
  }

  get ingestion(): Ingestion {
    return this.platform.ingestion
  }

  get rollouts(): RolloutService {
    return new RolloutService(this.work, new RolloutRepository(this.work), this.viewer, this.platform.clock)
  }

  get ramps(): RampService {
    return new RampService(new RolloutRepository(this.work), this.viewer, this.platform.clock)
  }

  get promotions(): PromotionService {
    return new PromotionService(this.em, this.rollouts, this.viewer, this.platform.results)
  }

  get rolloutDecisions(): RolloutDecisionService {
    return new RolloutDecisionService(this.platform.rollouts.cache, this.viewer)
  }

  get rolloutHealth(): RolloutHealthService {
    return this.platform.rollouts.reports
  }

  get assignments(): AssignmentService {
    return new AssignmentService(this.platform.assigner, this.platform.ingestion, this.experimentReads, this.viewer)
  }
}
