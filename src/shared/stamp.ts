import type { EntityManager } from '@mikro-orm/core'
import type { Actor } from './actor.ts'
import type { Clock } from './clock.ts'

/** Who changes what an EntityManager writes, when and why. */
export interface Stamp {
  actor: Actor
  now: Clock
  /** Why the system does it, or why somebody says that they do. */
  reason?: string
}

export function stampOf(em: EntityManager): Stamp {
  return (em.getLoggerContext() as { stamp?: Stamp }).stamp ?? { actor: 'system', now: () => new Date() }
}

/** Says why what this EntityManager writes is written, for the audit log and for webhooks; in a transaction for no other one. */
export function giveReason(em: EntityManager, reason: string): void {
  em.setLoggerContext({ ...em.getLoggerContext(), stamp: { ...stampOf(em), reason } })
}
