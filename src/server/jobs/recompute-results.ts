import type { Job } from '../../database/job-queue.ts'
import type { Platform } from '../platform.ts'

type Recomputation = Pick<Job<{ recomputationId: number }>, 'organizationId' | 'payload'> & { signal?: AbortSignal }

/** Computes results of the past from the log. */
export function recomputeResults(
  { recomputer }: Platform,
  { organizationId, payload, signal }: Recomputation,
): Promise<void> {
  return recomputer.run(organizationId, payload.recomputationId, signal)
}
