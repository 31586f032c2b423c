import { AlertDesk } from '../../modules/alerts/alert-desk.ts'
import { Automaton, type SystemHands } from '../../modules/automation/automaton.ts'
import { Viewer } from '../../modules/organizations/viewer.ts'
import type { Platform } from '../platform.ts'
import { RequestContext } from '../request-context.ts'

/** Everything of an organization's experiments that is due by the clock or by their results. */
export async function watchOrganization(platform: Platform, organizationId: string): Promise<void> {
  const { evaluator, clock } = platform
  const hands = systemHands(platform, organizationId)
  const evaluate = () => evaluator.evaluate(hands.work('The results of experiments'), organizationId)
  const automaton = new Automaton(organizationId, hands, new AlertDesk(clock), clock)
  const steps = await automaton.run(await evaluate())
  // What was done is a decision too.
  if (steps > 0) await evaluate()
}

function systemHands(platform: Platform, organizationId: string): SystemHands {
  const context = (reason: string) => new RequestContext(platform, Viewer.system(organizationId, reason))
  return {
    work: (reason) => context(reason).work,
    lifecycle: (reason) => context(reason).lifecycle,
    promotions: (reason) => context(reason).promotions,
  }
}
