import { ChangeSetType, type EventSubscriber, type FlushEventArgs } from '@mikro-orm/core'
import { stampOf } from '../shared/stamp.ts'
import { TrackedEntity } from '../shared/tracked.entity.ts'

/** Writes who and when into every tracked row that a flush changes. */
export class ChangeStamps implements EventSubscriber {
  async onFlush(args: FlushEventArgs): Promise<void> {
    const { actor, now } = stampOf(args.em)
    for (const changeSet of args.uow.getChangeSets()) {
      if (!(changeSet.entity instanceof TrackedEntity) || changeSet.type === ChangeSetType.DELETE) continue
      const at = now()
      if (changeSet.type === ChangeSetType.CREATE) {
        changeSet.entity.createdAt = at
        changeSet.entity.createdBy = actor
      }
      changeSet.entity.updatedAt = at
      changeSet.entity.updatedBy = actor
      args.uow.recomputeSingleChangeSet(changeSet.entity)
    }
  }
}
