import type { Platform } from '../platform.ts'
import { ROLLOUTS } from './job-kinds.ts'

/** Between two looks at the rollouts of an organization, in milliseconds. */
const BETWEEN_LOOKS_MS = 2_000
/** Those that start later are found by the sweep. */
const AHEAD_MS = 60_000

/** One look at the rollouts of an organization, and the next one if any is under way. */
export async function advanceRollouts(
  { rollouts: { engine }, jobs, clock }: Platform,
  organizationId: string,
): Promise<void> {
  try {
    await engine.advanceDueRollouts(organizationId, clock())
  } finally {
    if (await engine.isAnyDue(organizationId, new Date(clock().getTime() + AHEAD_MS))) {
      await jobs.add(ROLLOUTS, organizationId, {}, { at: new Date(Date.now() + BETWEEN_LOOKS_MS) })
    }
  }
}
