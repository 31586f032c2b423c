import type { EntityManager } from '@mikro-orm/postgresql'
import { findVersions } from '../metrics/find-versions.ts'
import type { Metric } from '../metrics/metric.entity.ts'
import type { MetricDefinition } from '../metrics/metric-definition.ts'
import { RevisionCache } from '../organizations/revision-cache.ts'
import { Experiment } from './experiment.entity.ts'
import type { MetricRole } from './experiment.enums.ts'
import type { ExperimentDefinition } from './experiment-definition.ts'
import { isLive } from './experiment-status.ts'
import type { NonInferiorityMargin } from './non-inferiority-margin.ts'

/** A started experiment as it was loaded; never changed, only read. */
export interface StartedExperiment {
  definition: ExperimentDefinition
  /** With its variants, metrics, overrides and epochs. */
  entity: Experiment
  /** In order of position, at the versions that the experiment keeps. */
  metrics: ReadonlyArray<{
    metric: Metric
    role: MetricRole
    margin: NonInferiorityMargin | null
    definition: MetricDefinition
  }>
}

/** An experiment as somebody has read it from the database. */
export type ReadExperiment = Pick<Experiment, 'id' | 'version' | 'startedAt'>

/** The experiments of one organization; deleted ones and drafts that never ran are not among them. */
export interface OrganizationDefinitions {
  byKey: ReadonlyMap<string, ExperimentDefinition>
  byId: ReadonlyMap<number, ExperimentDefinition>
  started: ReadonlyMap<number, StartedExperiment>
  /** Running or paused, oldest first. */
  live: readonly ExperimentDefinition[]
}

/** Definitions in memory, for the hot paths. */
export class DefinitionCache extends RevisionCache<OrganizationDefinitions> {
  constructor(scoped: (organizationId: string) => EntityManager) {
    super(scoped, async (em) => index(await findStarted(em)))
  }

  async byKey(organizationId: string, key: string): Promise<ExperimentDefinition | undefined> {
    return (await this.of(organizationId)).byKey.get(key)
  }

  /**
   * Sees to it that what is remembered is at least as new as experiments that were just read: another process may have changed them
   * a moment ago, and to who has read that one has started it must not be unknown.
   */
  async catchUpWith(organizationId: string, experiments: readonly ReadExperiment[]): Promise<void> {
    const { started } = await this.of(organizationId)
    const isBehind = experiments.some(
      ({ id, version, startedAt }) => startedAt && (started.get(id)?.entity.version ?? 0) < version,
    )
    if (!isBehind) return
    this.forget(organizationId)
    await this.of(organizationId)
  }
}

async function findStarted(em: EntityManager): Promise<StartedExperiment[]> {
  const experiments = await em.find(
    Experiment,
    { deletedAt: null, startedAt: { $ne: null } },
    { populate: ['variants', 'metrics.metric', 'overrides', 'epochs'], orderBy: { startedAt: 'asc', id: 'asc' } },
  )
  const versions = await findVersions(
    em,
    experiments.flatMap((experiment) =>
      experiment.metrics.map(({ metric, metricVersion }) => ({ metricId: metric.id, version: metricVersion })),
    ),
  )
  const definitions = new Map(
    versions.map((version) => [`${version.metric.id}:${version.version}`, version.definition]),
  )
  return experiments.map((entity) => {
    const metrics = entity.metrics.map(({ metric, metricVersion, role, nonInferiorityMargin }) => ({
      metric: metric.unwrap() as Metric,
      role,
      margin: nonInferiorityMargin ?? null,
      definition: definitions.get(`${metric.id}:${metricVersion}`)!,
    }))
    return { entity, metrics, definition: definitionOf(entity, metrics) }
  })
}

function index(started: StartedExperiment[]): OrganizationDefinitions {
  const definitions = started.map(({ definition }) => definition)
  return {
    byKey: new Map(definitions.map((definition) => [definition.key, definition])),
    byId: new Map(definitions.map((definition) => [definition.id, definition])),
    started: new Map(started.map((experiment) => [experiment.definition.id, experiment])),
    live: definitions.filter((definition) => isLive(definition.status)),
  }
}

function definitionOf(experiment: Experiment, metrics: StartedExperiment['metrics']): ExperimentDefinition {
  const primary = metrics.find(({ role }) => role === 'PRIMARY')
  return {
    id: experiment.id,
    key: experiment.key,
    status: experiment.status,
    unitType: experiment.unitType,
    algorithm: experiment.assignmentAlgorithm,
    seed: experiment.seed,
    trafficBasisPoints: experiment.trafficBasisPoints,
    targeting: experiment.targeting ?? null,
    tags: experiment.tags,
    timeZone: experiment.timeZone,
    startedAt: experiment.startedAt ?? null,
    endedAt: experiment.endedAt ?? null,
    analysis: experiment.analysis,
    variants: experiment.variants.getItems().map(({ id, key, isControl, weightBasisPoints, config }) => ({
      id,
      key,
      isControl,
      weightBasisPoints,
      config: config ?? null,
    })),
    overrides: new Map(experiment.overrides.getItems().map((override) => [override.unitId, override.variant.id])),
    epochs: experiment.epochs.getItems().map((epoch) => ({
      number: epoch.number,
      startedAt: epoch.startedAt,
      weights: new Map(Object.entries(epoch.weights).map(([variantId, weight]) => [Number(variantId), weight])),
      trafficBasisPoints: epoch.trafficBasisPoints,
      targeting: epoch.targeting ?? null,
    })),
    primaryMetric: primary
      ? { metricId: primary.metric.id, kind: primary.definition.kind, direction: primary.definition.direction }
      : null,
  }
}
