import type { Platform } from '../platform.ts'

/** Everything of an organization that is due by the clock. */
export async function watchOrganization(platform: Platform, organizationId: string): Promise<void> {
  const em = platform.scopedTo(organizationId, 'system', 'evaluation')
  await platform.evaluator.evaluate(em, organizationId)
}
