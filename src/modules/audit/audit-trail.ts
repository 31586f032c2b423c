import {
  type ChangeSet,
  ChangeSetType,
  type EntityManager,
  type EntityMetadata,
  type EntityProperty,
  type EventSubscriber,
  type FlushEventArgs,
  JsonType,
  ReferenceKind,
  type RequiredEntityData,
} from '@mikro-orm/core'
import { stampOf } from '../../shared/stamp.ts'
import { type AuditAction, AuditEntry } from './audit-entry.entity.ts'
import { isAudited, isNoted, isSecret, partOf } from './audited.ts'

const ACTIONS: Partial<Record<ChangeSetType, AuditAction>> = {
  [ChangeSetType.CREATE]: 'CREATED',
  [ChangeSetType.UPDATE]: 'UPDATED',
  [ChangeSetType.DELETE]: 'DELETED',
}

/** Stands for the value of a secret that was changed. */
const SECRET = '(secret)'

type Row = Record<string, unknown>

/** Writes an entry for each object that a flush changes, in the same transaction. */
export class AuditTrail implements EventSubscriber {
  async onFlush({ em, uow }: FlushEventArgs): Promise<void> {
    // Written after the changes, because new objects have no id before; outside a transaction that would be after commit.
    const { actor } = stampOf(em)
    if (!em.isInTransaction() && uow.getChangeSets().some(({ meta }) => isAudited(meta.className, actor))) {
      throw new Error('What is audited is changed in a transaction.')
    }
  }

  async afterFlush({ em, uow }: FlushEventArgs): Promise<void> {
    const entries = uow.getChangeSets().flatMap((changeSet) => entryOf(em as EntityManager, changeSet) ?? [])
    if (entries.length > 0) await em.insertMany(AuditEntry, entries)
  }
}

function entryOf(em: EntityManager, changeSet: ChangeSet<object>): RequiredEntityData<AuditEntry> | null {
  const { type, meta } = changeSet
  const entity = changeSet.entity as Row
  const action = ACTIONS[type]
  const { actor, now, reason } = stampOf(em)
  if (!action || !isAudited(meta.className, actor)) return null
  const { before, after } = valuesOf(em, changeSet, action)
  if (action === 'UPDATED' && Object.keys(after ?? {}).length === 0) return null
  return {
    // An organization is its own tenant.
    organizationId: String(entity.organizationId ?? entity.id),
    at: now(),
    actor,
    reason: reason ?? null,
    action,
    subjectType: meta.className,
    subjectId: String(entity.id),
    ...rootOf(meta.className, entity),
    before,
    after,
  }
}

function valuesOf(
  em: EntityManager,
  { meta, payload, originalEntity, entity }: ChangeSet<object>,
  action: AuditAction,
) {
  const noted = propertiesOf(meta).filter(({ name }) => isNoted(name))
  const [secret, shown] = [true, false].map((is) => noted.filter(({ name, type }) => isSecret(name, type) === is)) as [
    EntityProperty[],
    EntityProperty[],
  ]
  const current = (properties: EntityProperty[]) => pick(properties, (name) => (entity as Row)[name])
  // What was loaded is remembered as the database has it.
  const original = (properties: EntityProperty[]) =>
    pick(properties, (name, { customType }) => {
      const value = (originalEntity as Row)[name]
      if (customType instanceof JsonType) return typeof value === 'string' ? JSON.parse(value) : value
      return customType ? customType.convertToJSValue(value, em.getPlatform()) : value
    })
  if (action === 'CREATED') return { before: null, after: current(shown) }
  if (action === 'DELETED') return { before: originalEntity ? original(shown) : current(shown), after: null }
  const changed = (properties: EntityProperty[]) => properties.filter(({ name }) => name in payload)
  const hidden = Object.fromEntries(changed(secret).map(({ name }) => [name, SECRET]))
  return {
    before: { ...original(changed(shown)), ...hidden },
    after: { ...current(changed(shown)), ...hidden },
  }
}

/** Columns: plain values, and references to other objects by their id. */
function propertiesOf(meta: EntityMetadata): EntityProperty[] {
  const kinds: unknown[] = [ReferenceKind.SCALAR, ReferenceKind.MANY_TO_ONE, ReferenceKind.ONE_TO_ONE]
  return meta.props.filter((property) => kinds.includes(property.kind) && property.persist !== false)
}

function pick(properties: readonly EntityProperty[], read: (name: string, property: EntityProperty) => unknown): Row {
  return Object.fromEntries(
    properties.map((property) => {
      const value = read(property.name, property) ?? null
      const isReference = property.kind !== ReferenceKind.SCALAR && typeof value === 'object' && value !== null
      return [property.name, isReference ? (value as { id: unknown }).id : value]
    }),
  )
}

function rootOf(className: string, entity: Row): Pick<AuditEntry, 'rootType' | 'rootId' | 'rootKey'> {
  const path = partOf(className)
  const reference = path === null ? null : (entity[path] as { unwrap?(): object })
  const root = (reference ? (reference.unwrap?.() ?? reference) : entity) as Row
  const rootType = root.constructor.name
  return { rootType, rootId: String(root.id), rootKey: (root.key as string | undefined) ?? null }
}
