import { AlertDesk } from '../../modules/alerts/alert-desk.ts'
import { Automaton, type SystemHands } from '../../modules/automation/automaton.ts'
import type { Evaluation } from '../../modules/decisions/evaluation.ts'
import { Viewer } from '../../modules/organizations/viewer.ts'
import type { Platform } from '../platform.ts'
import { RequestContext } from '../request-context.ts'

/** Everything of an organization's experiments that is due by the clock or by their results. */
export async function watchOrganization(platform: Platform, organizationId: string): Promise<void> {
  const { evaluator, feed, clock } = platform
  const hands = systemHands(platform, organizationId)
  const evaluations = await evaluator.evaluate(hands.work('The results of experiments'), organizationId)
  feed.publish({
    topic: 'aggregates',
    organizationId,
    ids: evaluations.filter(changesWithTime).map(({ subject }) => subject.id),
  })
  await new Automaton(organizationId, hands, new AlertDesk(clock), clock).run(evaluations)
}

/** Whether results may have become other ones though nothing came in: units count for retention once their window has passed. */
function changesWithTime({ subject }: Evaluation): boolean {
  return subject.metrics.some(({ definition }) => definition.kind === 'RETENTION')
}

function systemHands(platform: Platform, organizationId: string): SystemHands {
  const context = (reason: string) => new RequestContext(platform, Viewer.system(organizationId, reason))
  return {
    work: (reason) => context(reason).work,
    lifecycle: (reason, note) => context(reason).lifecycleSeenBy({ look: async () => note }),
    promotions: (reason) => context(reason).promotions,
  }
}
