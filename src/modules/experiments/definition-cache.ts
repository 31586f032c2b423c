import type { EntityManager } from '@mikro-orm/postgresql'
import { findVersions } from '../metrics/find-versions.ts'
import type { Metric } from '../metrics/metric.entity.ts'
import type { MetricDefinition } from '../metrics/metric-definition.ts'
import { Organization } from '../organizations/organization.entity.ts'
import { Experiment } from './experiment.entity.ts'
import type { MetricRole } from './experiment.enums.ts'
import type { ExperimentDefinition } from './experiment-definition.ts'
import { isLive } from './experiment-status.ts'

/** How long a definition is used before its organization's revision is looked at again, in milliseconds. */
const TRUSTED_MS = 400

/** A started experiment as it was loaded; never changed, only read. */
export interface StartedExperiment {
  definition: ExperimentDefinition
  /** With its variants, metrics, overrides and epochs. */
  entity: Experiment
  /** In order of position, at the versions that the experiment keeps. */
  metrics: ReadonlyArray<{ metric: Metric; role: MetricRole; definition: MetricDefinition }>
}

/** The experiments of one organization at one revision; deleted ones and drafts that never ran are not among them. */
export interface OrganizationDefinitions {
  revision: number
  byKey: ReadonlyMap<string, ExperimentDefinition>
  byId: ReadonlyMap<number, ExperimentDefinition>
  started: ReadonlyMap<number, StartedExperiment>
  /** Running or paused, oldest first. */
  live: readonly ExperimentDefinition[]
}

interface Entry {
  definitions: OrganizationDefinitions
  checkedAt: number
}

/**
 * Definitions in memory, for the hot paths. A change by this process is seen at once; one by another process within
 * half a second, because every definition change raises the revision of its organization in the same transaction.
 */
export class DefinitionCache {
  readonly #scoped: (organizationId: string) => EntityManager
  readonly #entries = new Map<string, Entry>()
  readonly #loading = new Map<string, Promise<OrganizationDefinitions>>()

  constructor(scoped: (organizationId: string) => EntityManager) {
    this.#scoped = scoped
  }

  of(organizationId: string): OrganizationDefinitions | Promise<OrganizationDefinitions> {
    const entry = this.#entries.get(organizationId)
    if (entry && performance.now() - entry.checkedAt < TRUSTED_MS) return entry.definitions
    return this.#refresh(organizationId)
  }

  async byKey(organizationId: string, key: string): Promise<ExperimentDefinition | undefined> {
    return (await this.of(organizationId)).byKey.get(key)
  }

  /** Drops what is remembered, after a change by this process. */
  forget(organizationId: string): void {
    this.#entries.delete(organizationId)
    this.#loading.delete(organizationId)
  }

  /** Drops everything, after changes may have been missed. */
  forgetAll(): void {
    this.#entries.clear()
    this.#loading.clear()
  }

  #refresh(organizationId: string): Promise<OrganizationDefinitions> {
    const running = this.#loading.get(organizationId)
    if (running) return running
    const checkedAt = performance.now()
    // What was read before a change of this process is not remembered: forget() has taken it off the list.
    const isCurrent = () => this.#loading.get(organizationId) === loading
    const loading = this.#load(organizationId)
      .then((definitions) => {
        if (isCurrent()) this.#entries.set(organizationId, { definitions, checkedAt })
        return definitions
      })
      .finally(() => {
        if (isCurrent()) this.#loading.delete(organizationId)
      })
    this.#loading.set(organizationId, loading)
    return loading
  }

  async #load(organizationId: string): Promise<OrganizationDefinitions> {
    const known = this.#entries.get(organizationId)?.definitions
    return this.#scoped(organizationId).transactional(
      async (em) => {
        const revision = (await em.findOne(Organization, { id: organizationId }, { refresh: true }))?.revision ?? 0
        return known?.revision === revision ? known : { revision, ...index(await findStarted(em as EntityManager)) }
      },
      { readOnly: true },
    )
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
    const metrics = entity.metrics.map(({ metric, metricVersion, role }) => ({
      metric: metric.unwrap() as Metric,
      role,
      definition: definitions.get(`${metric.id}:${metricVersion}`)!,
    }))
    return { entity, metrics, definition: definitionOf(entity, metrics) }
  })
}

function index(started: StartedExperiment[]): Omit<OrganizationDefinitions, 'revision'> {
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
