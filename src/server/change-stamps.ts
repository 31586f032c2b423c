import { ChangeSetType, type EventSubscriber, type FlushEventArgs } from '@mikro-orm/core'
import type { Actor } from '../shared/actor.ts'
import { TrackedEntity } from '../shared/tracked.entity.ts'

/** Writes who and when into every tracked row that a flush changes. */
export class ChangeStamps implements EventSubscriber {
  async onFlush(args: FlushEventArgs): Promise<void> {
    const { actor, now } = (args.em.getLoggerContext() as { stamp?: { actor: Actor; now: () => Date } }).stamp ?? {}
    for (const changeSet of args.uow.getChangeSets()) {
      if (!(changeSet.entity instanceof TrackedEntity) || changeSet.type === ChangeSetType.DELETE) continue
      const at = now?.() ?? new Date()
      const by = actor ?? 'system'
      if (changeSet.type === ChangeSetType.CREATE) {
        changeSet.entity.createdAt = at
        changeSet.entity.createdBy = by
      }
      changeSet.entity.updatedAt = at
      changeSet.entity.updatedBy = by
      args.uow.recomputeSingleChangeSet(changeSet.entity)
    }
  }
}
