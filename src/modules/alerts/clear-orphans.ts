import type { UnitOfWork } from '../../shared/unit-of-work.ts'
import { Experiment } from '../experiments/experiment.entity.ts'
import { isLive } from '../experiments/experiment-status.ts'
import { Alert, AlertKindEnum } from './alert.entity.ts'
import type { AlertDesk } from './alert-desk.ts'

/** How long after its end an experiment is still looked at, and its alerts with it. */
const WATCHED_MS = 86_400_000

/** Clears the alerts of experiments that nothing looks at any more: deleted ones, and those that ended long ago. */
export async function clearOrphans(
  work: UnitOfWork,
  desk: AlertDesk,
  organizationId: string,
  now: Date,
): Promise<void> {
  const em = work.em.fork()
  const open = await em.find(Alert, { clearedAt: null, experimentId: { $ne: null } })
  const ids = [...new Set(open.map(({ experimentId }) => experimentId!))]
  const experiments = await em.find(Experiment, { id: { $in: ids } })
  for (const { id, status, endedAt, deletedAt } of experiments) {
    const isOver = !isLive(status) && endedAt != null && now.getTime() - endedAt.getTime() > WATCHED_MS
    if (!deletedAt && !isOver) continue
    const kinds = Object.values(AlertKindEnum)
    await desk.settle(work, { organizationId, experimentId: id, kinds }, [])
  }
}
