import type { JobKind } from '../../database/job-queue.ts'

/** One recomputation of results from the log. */
export const RECOMPUTE_RESULTS: JobKind<{ recomputationId: number }> = { name: 'recompute-results', isKeyed: false }
