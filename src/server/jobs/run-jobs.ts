import { RECOMPUTE_RESULTS } from '../../modules/recomputations/recompute-results.job.ts'
import { DELIVER_TO_FAILING, DELIVER_TO_HANGING, DELIVER_WEBHOOK } from '../../modules/webhooks/deliver-webhook.job.ts'
import type { Platform } from '../platform.ts'
import { advanceRollouts } from './advance-rollouts.ts'
import { deliverWebhook } from './deliver-webhook.ts'
import { housekeep } from './housekeep.ts'
import { HOUSEKEEP, ROLLOUTS, SWEEP, TIDY, WATCH } from './job-kinds.ts'
import { recomputeResults } from './recompute-results.ts'
import { watchOrganization } from './watch-organization.ts'

/** Between two looks at an organization, in milliseconds; a sweep comes every minute and looks twice. */
const HALF_A_MINUTE_MS = 30_000
const MINUTE_MS = 60_000

/** Takes part in the jobs of the database until the platform is closed. */
export async function runJobs(platform: Platform): Promise<void> {
  const { jobs } = platform
  await jobs.work(WATCH, ({ organizationId }) => watchOrganization(platform, organizationId), { concurrency: 4 })
  await jobs.work(ROLLOUTS, ({ organizationId }) => advanceRollouts(platform, organizationId), { concurrency: 4 })
  await runDeliveries(platform)
  await jobs.work(RECOMPUTE_RESULTS, (job) => recomputeResults(platform, job), { concurrency: 2, perOrganization: 1 })
  await jobs.work(HOUSEKEEP, ({ organizationId, signal }) => housekeep(platform, organizationId, signal))
  await jobs.recur(SWEEP, '* * * * *', () => sweep(platform))
  await jobs.recur(TIDY, '7 * * * *', () => tidy(platform))
  // What came due while no server ran does not wait for the next minute.
  await sweep(platform)
}

/** No organization takes more than a quarter of the places, and none keeps one for longer than the patience. */
async function runDeliveries(platform: Platform): Promise<void> {
  const { patience } = platform.webhooks.worker
  const places = [
    { kind: DELIVER_WEBHOOK, concurrency: 8, perOrganization: 2 },
    { kind: DELIVER_TO_FAILING, concurrency: 4, perOrganization: 1 },
    { kind: DELIVER_TO_HANGING, concurrency: 4, perOrganization: 1 },
  ]
  for (const { kind, ...limits } of places) {
    await platform.jobs.work(kind, (job) => deliverWebhook(platform, kind, job), { ...limits, patience })
  }
}

/** Has every organization with something under way looked at, now and in half a minute. */
async function sweep({ jobs, pool, clock, rollouts }: Platform): Promise<void> {
  const now = clock()
  const { rows } = await pool.query('select organization_id from door_live_organizations($1)', [now])
  for (const { organization_id } of rows) {
    await jobs.add(WATCH, organization_id, {}, { key: 'now' })
    await jobs.add(WATCH, organization_id, {}, { key: 'soon', at: new Date(Date.now() + HALF_A_MINUTE_MS) })
  }
  // Those that start before the next sweep, and those whose own job was lost.
  const soon = new Date(now.getTime() + MINUTE_MS)
  for (const organizationId of await rollouts.engine.dueOrganizations(soon)) {
    await jobs.add(ROLLOUTS, organizationId, {})
  }
}

async function tidy({ jobs, retention }: Platform): Promise<void> {
  for (const organizationId of await retention.organizations()) await jobs.add(HOUSEKEEP, organizationId, {})
}
