import type { ExperimentAutomation } from '../experiments/experiment-automation.ts'
import type { ExperimentStatus } from '../experiments/experiment-status.ts'
import type { Decision, DecisionReason } from '../results/decision.ts'

const HOUR_MS = 3_600_000

/** What of an experiment its automation looks at. */
export interface AutomationState {
  status: ExperimentStatus
  startedAt: Date | null
  scheduledStartAt: Date | null
  scheduledEndAt: Date | null
  automation: ExperimentAutomation
  controlKey: string | null
  /** Null before it has results. */
  decision: Decision | null
  /** Guardrails that are shown worse than their margin, by cause. */
  worseGuardrails: ReadonlyArray<{ cause: string; message: string }>
  /** Causes that the automation has acted on before; somebody who goes on in spite of one is not stopped by it again. */
  actedOn: readonly string[]
}

export interface AutomaticStep {
  step: 'start' | 'pause' | 'complete'
  /** Names what is acted on. */
  cause: string
  /** For people. */
  reason: string
  /** What it rests on. */
  reasons: DecisionReason[]
  /** For a completion. */
  winnerKey: string | null
}

/** What an experiment is due to do by itself now, if anything. */
export function automaticStep(state: AutomationState, now: Date): AutomaticStep | null {
  const { status, scheduledStartAt, scheduledEndAt, decision } = state
  if (status === 'DRAFT') {
    if (!scheduledStartAt || scheduledStartAt > now) return null
    return {
      step: 'start',
      cause: `START:${scheduledStartAt.toISOString()}`,
      reason: `Its start was scheduled for ${scheduledStartAt.toISOString()}.`,
      reasons: [],
      winnerKey: null,
    }
  }
  if (status !== 'RUNNING' && status !== 'PAUSED') return null
  if (scheduledEndAt && scheduledEndAt <= now) {
    const message = `Its end was scheduled for ${scheduledEndAt.toISOString()}.`
    const winnerKey = decision && winnerOf(decision, state.controlKey)
    return {
      step: 'complete',
      cause: `END:${scheduledEndAt.toISOString()}`,
      reason: `${message} ${decision ? adviceOf(decision) : ''}`.trim(),
      // The results say who has won, not that it ends.
      reasons: [{ code: 'SCHEDULED_END', message }, ...(winnerKey === null ? [] : decision!.reasons)],
      winnerKey,
    }
  }
  if (status !== 'RUNNING') return null
  return stopByGuardrail(state) ?? stepOnVerdict(state, now)
}

function stopByGuardrail({ automation, worseGuardrails, actedOn }: AutomationState): AutomaticStep | null {
  if (!automation.pausesForGuardrails) return null
  const fresh = worseGuardrails.find(({ cause }) => !actedOn.includes(`GUARDRAIL:${cause}`))
  if (!fresh) return null
  const { cause, message } = fresh
  const reasons: DecisionReason[] = [{ code: 'GUARDRAIL_WORSE', message }]
  return { step: 'pause', cause: `GUARDRAIL:${cause}`, reason: message, reasons, winnerKey: null }
}

function stepOnVerdict(
  { automation, decision, startedAt, actedOn, controlKey }: AutomationState,
  now: Date,
): AutomaticStep | null {
  if (automation.onVerdict === 'NOTHING' || !decision || !startedAt || !isVerdict(decision)) return null
  if (now.getTime() - startedAt.getTime() < automation.minimumRunHours * HOUR_MS) return null
  const cause = `VERDICT:${decision.recommendation}:${decision.winner?.key ?? ''}`
  if (actedOn.includes(cause)) return null
  const step = automation.onVerdict === 'PAUSE' ? 'pause' : 'complete'
  const { reasons } = decision
  return { step, cause, reason: adviceOf(decision), reasons, winnerKey: winnerOf(decision, controlKey) }
}

/** Whether the plan's method has said its last word: a winner, none, or that every treatment is worse. */
function isVerdict({ recommendation, reasons }: Decision): boolean {
  if (recommendation === 'SHIP' || recommendation === 'ROLL_BACK') return true
  return recommendation === 'HOLD' && reasons.some(({ code }) => code === 'PLANNED_SAMPLE_REACHED')
}

function winnerOf({ recommendation, winner }: Decision, controlKey: string | null): string | null {
  if (recommendation === 'SHIP') return winner?.key ?? null
  return recommendation === 'ROLL_BACK' ? controlKey : null
}

function adviceOf({ recommendation, reasons }: Decision): string {
  return `The results advise ${recommendation}: ${reasons.map(({ message }) => message).join(' ')}`
}
