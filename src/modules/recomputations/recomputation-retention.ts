import type { EntityManager } from '@mikro-orm/postgresql'
import { runInTransaction } from '../../database/run-in-transaction.ts'
import type { ErrorCode } from '../../shared/error-code.ts'
import { FORGET_DONE, GIVE_UP_LOST } from './recomputation.sql.ts'

const DAY_MS = 86_400_000
const KEPT_MS = 30 * DAY_MS
/** Longer than a job is tried again for. */
const LOST_MS = DAY_MS
const LOST_CODE: ErrorCode = 'INTERNAL_SERVER_ERROR'
const LOST_MESSAGE = 'It was not done within a day of being asked for; ask for it again.'

/** Forgets recomputations that were done 30 days ago, and gives up those whose job is lost. @returns how many */
export async function forgetRecomputations(em: EntityManager, now: Date): Promise<number> {
  const before = (ms: number) => new Date(now.getTime() - ms)
  return em.fork().transactional(async (own) => {
    const run = async (statement: string, values: readonly unknown[]) => {
      const [row] = await runInTransaction<{ removed: number }>(own as EntityManager, statement, values)
      return row!.removed
    }
    const lost = await run(GIVE_UP_LOST, [before(LOST_MS), now, LOST_CODE, LOST_MESSAGE])
    return lost + (await run(FORGET_DONE, [before(KEPT_MS)]))
  })
}
