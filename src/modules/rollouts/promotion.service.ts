import type { EntityManager } from '@mikro-orm/postgresql'
import { DomainError } from '../../shared/domain-error.ts'
import { Experiment } from '../experiments/experiment.entity.ts'
import type { Variant } from '../experiments/variant.entity.ts'
import { isRate, type MetricKind } from '../metrics/metric-definition.ts'
import type { Viewer } from '../organizations/viewer.ts'
import type { ResultsReadModel } from '../results/results.read-model.ts'
import { isTestable, MOST_RATE_MARGIN } from './design-check.ts'
import type { Rollout } from './rollout.entity.ts'
import type { PromoteWinnerInput } from './rollout.inputs.ts'
import type { RolloutService } from './rollout.service.ts'

const MOST_NAME = 200

/** From the winner of an experiment to a rollout. */
export class PromotionService {
  readonly #em: EntityManager
  readonly #rollouts: RolloutService
  readonly #viewer: Viewer
  readonly #results: Pick<ResultsReadModel, 'of'>

  constructor(em: EntityManager, rollouts: RolloutService, viewer: Viewer, results: Pick<ResultsReadModel, 'of'>) {
    this.#em = em
    this.#rollouts = rollouts
    this.#viewer = viewer
    this.#results = results
  }

  /**
   * A draft that delivers the winner's config to the units of the experiment, in the default stages. Each guardrail that is not
   * archived, and of a kind that health checks judge, must not become worse than with the concurrent control, by more than
   * its margin in the experiment if it has one.
   * @throws DomainError EXPERIMENT_NOT_FOUND, NO_WINNER, KEY_TAKEN
   */
  async promoteWinner(input: PromoteWinnerInput): Promise<Rollout> {
    this.#viewer.assertCan('rollout:write')
    this.#viewer.assertCan('experiment:read')
    const experiment = await this.#em.findOne(
      Experiment,
      { key: input.experimentKey, deletedAt: null },
      { populate: ['variants', 'metrics.metric'] },
    )
    if (!experiment) throw new DomainError('EXPERIMENT_NOT_FOUND', `No experiment has the key ${input.experimentKey}.`)
    const variants = experiment.variants.getItems()
    const winner = variants.find((variant) => variant.id === experiment.winnerVariantId)
    if (experiment.status !== 'COMPLETED' || !winner || winner.isControl) throw noWinner(experiment, winner?.key)
    const guardrails = experiment.metrics
      .getItems()
      .filter(({ role }) => role === 'GUARDRAIL')
      .map(({ metric, nonInferiorityMargin }) => ({ metric: metric.unwrap(), margin: nonInferiorityMargin }))
      .filter(({ metric }) => !metric.archivedAt && isTestable(metric.kind))
    const relative = guardrails.some(({ margin }) => margin?.scale === 'RELATIVE')
      ? await this.#marginsInUnits(experiment, winner)
      : new Map<number, number>()
    return this.#rollouts.create(
      {
        key: input.key ?? experiment.key,
        name: input.name ?? cut(`${experiment.name}: ${winner.name}`, MOST_NAME),
        versionLabel: `${experiment.key}:${winner.key}`,
        description: `Delivers ${winner.key}, the winner of the experiment ${experiment.key}.`,
        config: winner.config ?? null,
        controlConfig: variants.find((variant) => variant.isControl)?.config ?? null,
        unitType: experiment.unitType,
        targeting: experiment.targeting ?? null,
        healthChecks: guardrails.map(({ metric, margin }) => ({
          signal: 'METRIC',
          comparison: 'CONTROL',
          metricKey: metric.key,
          limit: tolerated(metric.kind, margin?.scale === 'ABSOLUTE' ? margin.value : (relative.get(metric.id) ?? 0)),
          onFailure: 'ROLL_BACK',
        })),
      },
      experiment.id,
    )
  }

  /** Of each metric, its margin at the mean that the control had in the end, in the metric's unit. */
  async #marginsInUnits({ id }: Experiment, winner: Variant): Promise<Map<number, number>> {
    const [results] = await this.#results.of(this.#viewer.organizationId, [id])
    return new Map(
      (results?.metrics ?? []).flatMap(({ metric, comparisons }) => {
        const { nonInferiority } = comparisons.find(({ variant }) => variant.id === winner.id) ?? {}
        return nonInferiority?.absoluteMargin == null ? [] : [[metric.id, nonInferiority.absoluteMargin]]
      }),
    )
  }
}

/** A margin that is wider than any difference of two rates tolerates no more than the widest of them. */
function tolerated(kind: MetricKind, margin: number): number {
  return isRate(kind) ? Math.min(margin, MOST_RATE_MARGIN) : margin
}

/** Without half a character at its end. */
function cut(text: string, most: number): string {
  return text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '')
}

function noWinner({ key, status }: Experiment, winnerKey: string | undefined): DomainError {
  if (status !== 'COMPLETED') {
    return new DomainError('NO_WINNER', `The experiment ${key} is ${status}; it has a winner once it is COMPLETED.`)
  }
  return winnerKey === undefined
    ? new DomainError('NO_WINNER', `The experiment ${key} was completed without a winner.`)
    : new DomainError(
        'NO_WINNER',
        `The experiment ${key} was won by its control ${winnerKey}; there is nothing to roll out.`,
      )
}
