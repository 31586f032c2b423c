import { AlertDesk } from '../../modules/alerts/alert-desk.ts'
import { Automaton, type SystemHands } from '../../modules/automation/automaton.ts'
import { Viewer } from '../../modules/organizations/viewer.ts'
import type { Platform } from '../platform.ts'
import { RequestContext } from '../request-context.ts'

/** Everything of an organization's experiments that is due by the clock or by their results. */
export async function watchOrganization(platform: Platform, organizationId: string): Promise<void> {
  const { evaluator, clock } = platform
  const evaluate = () => evaluator.evaluate(platform.scopedTo(organizationId), organizationId)
  const automaton = new Automaton(organizationId, systemHands(platform, organizationId), new AlertDesk(clock), clock)
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
