import { DomainError } from '../../shared/domain-error.ts'
import { checkNotNull } from '../../shared/input-rules.ts'
import type { Viewer } from '../organizations/viewer.ts'
import type { Experiment } from './experiment.entity.ts'
import { assertDraft, type ExperimentRepository, usableMetric } from './experiment.repository.ts'
import { ExperimentMetric } from './experiment-metric.entity.ts'
import type {
  AddExperimentMetricInput,
  RemoveExperimentMetricInput,
  UpdateExperimentMetricInput,
} from './experiment-metric.inputs.ts'
import { assertMetricCount, assertMetricsDiffer } from './experiment-metric-rules.ts'
import { checkMargin } from './non-inferiority-margin.ts'

/** The metrics of a draft. */
export class ExperimentMetricService {
  readonly #experiments: ExperimentRepository
  readonly #viewer: Viewer

  constructor(experiments: ExperimentRepository, viewer: Viewer) {
    this.#experiments = experiments
    this.#viewer = viewer
  }

  add(input: AddExperimentMetricInput): Promise<Experiment> {
    this.#viewer.assertCan('experiment:write')
    return this.#experiments.change(input, async (experiment, em) => {
      assertDraft(experiment, 'a metric is added')
      const metric = await usableMetric(em, input.metricKey)
      const present = experiment.metrics.getItems()
      assertMetricCount(present.length + 1)
      assertMetricsDiffer([...(await keysOf(present)), metric.key])
      const position = Math.max(-1, ...present.map((each) => each.position)) + 1
      const { organizationId } = experiment
      const nonInferiorityMargin = checkMargin(['nonInferiorityMargin'], input.nonInferiorityMargin ?? null)
      em.create(ExperimentMetric, {
        organizationId,
        experiment,
        metric,
        role: input.role,
        nonInferiorityMargin,
        position,
      })
    })
  }

  update(input: UpdateExperimentMetricInput): Promise<Experiment> {
    this.#viewer.assertCan('experiment:write')
    return this.#experiments.change(input, async (experiment) => {
      assertDraft(experiment, 'the role or margin of a metric changes')
      const metric = await metricOf(experiment, input.metricKey)
      if (input.role !== undefined) metric.role = checkNotNull(['role'], input.role)
      if (input.nonInferiorityMargin !== undefined) {
        metric.nonInferiorityMargin = checkMargin(['nonInferiorityMargin'], input.nonInferiorityMargin)
      }
    })
  }

  remove(input: RemoveExperimentMetricInput): Promise<Experiment> {
    this.#viewer.assertCan('experiment:write')
    return this.#experiments.change(input, async (experiment) => {
      assertDraft(experiment, 'a metric is removed')
      const metric = await metricOf(experiment, input.metricKey)
      experiment.metrics.remove(metric)
    })
  }
}

function keysOf(metrics: readonly ExperimentMetric[]): Promise<string[]> {
  return Promise.all(metrics.map(async ({ metric }) => (await metric.loadOrFail()).key))
}

async function metricOf(experiment: Experiment, key: string): Promise<ExperimentMetric> {
  const metrics = experiment.metrics.getItems()
  const metric = metrics[(await keysOf(metrics)).indexOf(key)]
  if (!metric) {
    throw new DomainError('METRIC_NOT_FOUND', `The experiment ${experiment.key} has no metric with the key ${key}.`)
  }
  return metric
}
