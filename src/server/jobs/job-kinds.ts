import type { JobKind } from '../../database/job-queue.ts'
import { RECOMPUTE_RESULTS } from '../../modules/recomputations/recompute-results.job.ts'
import { DELIVER_TO_FAILING, DELIVER_TO_HANGING, DELIVER_WEBHOOK } from '../../modules/webhooks/deliver-webhook.job.ts'

/** Looks at everything of an organization that is due by the clock. */
export const WATCH: JobKind<Record<string, never>> = { name: 'watch', isKeyed: true }

/** Removes what an organization no longer needs. */
export const HOUSEKEEP: JobKind<Record<string, never>> = { name: 'housekeep', isKeyed: true }

/** Looks at the rollouts of an organization; comes again by itself for as long as any is under way. */
export const ROLLOUTS: JobKind<Record<string, never>> = { name: 'rollouts', isKeyed: true }

/** Finds the organizations that have anything to watch. */
export const SWEEP = 'sweep'
/** Has every organization tidied up. */
export const TIDY = 'tidy'

/** Every kind of job; the migrations make a queue for each. */
export const JOB_KINDS: ReadonlyArray<JobKind<object>> = [
  WATCH,
  ROLLOUTS,
  DELIVER_WEBHOOK,
  DELIVER_TO_FAILING,
  DELIVER_TO_HANGING,
  RECOMPUTE_RESULTS,
  HOUSEKEEP,
]
/** What comes by the clock. */
export const RECURRING: readonly string[] = [SWEEP, TIDY]
