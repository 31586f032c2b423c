import type { EntityManager } from '@mikro-orm/postgresql'
import { runInTransaction } from '../../database/run-in-transaction.ts'
import type { Clock } from '../../shared/clock.ts'
import { DomainError } from '../../shared/domain-error.ts'
import type { UnitOfWork } from '../../shared/unit-of-work.ts'
import { Alert } from '../alerts/alert.entity.ts'
import type { AlertDesk } from '../alerts/alert-desk.ts'
import { type AlertCause, experimentCauses, RESULT_KINDS } from '../alerts/experiment-causes.ts'
import type { Evaluation } from '../decisions/evaluation.ts'
import { stepNote } from '../decisions/step-recorder.ts'
import { Experiment } from '../experiments/experiment.entity.ts'
import type { LifecycleService } from '../experiments/lifecycle.service.ts'
import type { StepNote } from '../experiments/step-witness.ts'
import type { PromotionService } from '../rollouts/promotion.service.ts'
import { Rollout } from '../rollouts/rollout.entity.ts'
import { type AutomaticStep, automaticStep } from './automatic-step.ts'

const ACTED_ON = 'select acted_on from experiment_watch where organization_id = $1 and experiment_id = $2'
const ACT = `
insert into experiment_watch as w (organization_id, experiment_id, acted_on) values ($1, $2, array[$3::text])
on conflict (organization_id, experiment_id) do update set acted_on = array_append(array_remove(w.acted_on, $3), $3)`

/** What the system may use in one organization; the reason goes into the audit log. */
export interface SystemHands {
  work(reason: string): UnitOfWork
  /** @param note - what writes the step down that is taken */
  lifecycle(reason: string, note: StepNote | null): LifecycleService
  promotions(reason: string): PromotionService
}

/** Raises and clears alerts, and carries out what experiments are to do by themselves. */
export class Automaton {
  readonly #organizationId: string
  readonly #hands: SystemHands
  readonly #desk: AlertDesk
  readonly #clock: Clock

  constructor(organizationId: string, hands: SystemHands, desk: AlertDesk, clock: Clock) {
    this.#organizationId = organizationId
    this.#hands = hands
    this.#desk = desk
    this.#clock = clock
  }

  async run(evaluations: readonly Evaluation[]): Promise<void> {
    const scheduled = await this.#scheduled()
    await this.#clearIdle(new Set(scheduled.map(({ id }) => id)))
    for (const experiment of scheduled) await this.#look(experiment, null, [])
    for (const evaluation of evaluations) {
      const { entity } = evaluation.experiment
      const causes = experimentCauses(entity, evaluation.results, this.#clock())
      await this.#settle(entity, RESULT_KINDS, causes)
      await this.#look(entity, evaluation, causes)
    }
  }

  /** Drafts whose time to start has come. */
  #scheduled(): Promise<Experiment[]> {
    return this.#em().find(
      Experiment,
      { status: 'DRAFT', deletedAt: null, scheduledStartAt: { $lte: this.#clock() } },
      { populate: ['variants'] },
    )
  }

  /** Nothing fails that is not to happen any more: a start that nobody wants now, or whatever of a deleted experiment. */
  async #clearIdle(dueIds: ReadonlySet<number>): Promise<void> {
    const em = this.#em()
    const open = await em.find(Alert, { kind: 'AUTOMATION_FAILED', clearedAt: null })
    const ids = open.flatMap(({ experimentId }) =>
      experimentId == null || dueIds.has(experimentId) ? [] : [experimentId],
    )
    const idle = await em.find(Experiment, {
      id: { $in: ids },
      $or: [{ startedAt: null }, { deletedAt: { $ne: null } }],
    })
    for (const experiment of idle) await this.#settle(experiment, ['AUTOMATION_FAILED'], [])
  }

  /** Takes the step that is due, if any, and says so where it could not be taken. */
  async #look(experiment: Experiment, evaluation: Evaluation | null, causes: readonly AlertCause[]): Promise<void> {
    const step = automaticStep(
      {
        status: experiment.status,
        startedAt: experiment.startedAt ?? null,
        scheduledStartAt: experiment.scheduledStartAt ?? null,
        scheduledEndAt: experiment.scheduledEndAt ?? null,
        automation: experiment.automation,
        controlKey: experiment.variants.getItems().find(({ isControl }) => isControl)?.key ?? null,
        decision: evaluation?.results.decision ?? null,
        worseGuardrails: causes.filter(({ kind }) => kind === 'GUARDRAIL_WORSE'),
        actedOn: await this.#actedOn(experiment),
      },
      this.#clock(),
    )
    const failures = step ? await this.#attempt(experiment, step, evaluation) : await this.#promote(experiment)
    if (failures) await this.#settle(experiment, ['AUTOMATION_FAILED'], failures)
  }

  /** @returns why it could not be done; null when somebody else is changing the experiment, so that it is looked at again */
  async #attempt(
    experiment: Experiment,
    { step, cause, reason, reasons, winnerKey }: AutomaticStep,
    evaluation: Evaluation | null,
  ): Promise<AlertCause[] | null> {
    const { key: experimentKey, version: expectedVersion } = experiment
    const note = evaluation && stepNote(evaluation, 'system', reasons)
    const lifecycle = this.#hands.lifecycle(reason, note)
    const which = { experimentKey, expectedVersion }
    const failures = await failuresOf(`${step}:${cause}`, `${experimentKey} was to ${step} by itself`, () =>
      step === 'complete' ? lifecycle.complete({ ...which, winnerVariantKey: winnerKey }) : lifecycle[step](which),
    )
    if (failures?.length === 0) {
      await this.#em().transactional((em) =>
        runInTransaction(em as EntityManager, ACT, [this.#organizationId, experiment.id, cause]),
      )
    }
    return failures
  }

  /** Drafts a rollout for a winning treatment, once. */
  async #promote(experiment: Experiment): Promise<AlertCause[] | null> {
    const { key, status, automation, winnerVariantId } = experiment
    const winner = experiment.variants.getItems().find(({ id }) => id === winnerVariantId)
    if (status !== 'COMPLETED' || !automation.promotesWinner || !winner || winner.isControl) return []
    if ((await this.#em().count(Rollout, { promotedFrom: experiment.id })) > 0) return []
    const reason = `${winner.key} has won ${key}, whose winner is promoted by itself.`
    return failuresOf('promote', `The winner of ${key} was to be promoted by itself`, () =>
      this.#hands.promotions(reason).promoteWinner({ experimentKey: key }),
    )
  }

  async #actedOn({ id }: Experiment): Promise<string[]> {
    const [row] = await this.#em().transactional((em) =>
      runInTransaction<{ acted_on: string[] }>(em as EntityManager, ACTED_ON, [this.#organizationId, id]),
    )
    return row?.acted_on ?? []
  }

  #settle({ id }: Experiment, kinds: ReadonlyArray<Alert['kind']>, causes: readonly AlertCause[]): Promise<void> {
    const scope = { organizationId: this.#organizationId, experimentId: id, kinds }
    return this.#desk.settle(this.#hands.work('What experiments need looking at'), scope, causes)
  }

  #em(): EntityManager {
    return this.#hands.work('What experiments do by themselves').em.fork()
  }
}

async function failuresOf(cause: string, what: string, work: () => Promise<unknown>): Promise<AlertCause[] | null> {
  try {
    await work()
    return []
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    if (error.code === 'VERSION_CONFLICT') return null
    return [{ kind: 'AUTOMATION_FAILED', cause, message: `${what}, but: ${error.message}` }]
  }
}
