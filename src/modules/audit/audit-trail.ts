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
import type { Actor } from '../../shared/actor.ts'
import { type AuditAction, AuditEntry } from './audit-entry.entity.ts'
import { isAudited, isShown, partOf } from './audited.ts'

const ACTIONS: Partial<Record<ChangeSetType, AuditAction>> = {
  [ChangeSetType.CREATE]: 'CREATED',
  [ChangeSetType.UPDATE]: 'UPDATED',
  [ChangeSetType.DELETE]: 'DELETED',
}

type Row = Record<string, unknown>

/** Writes an entry for each object that a flush changes, in the same transaction. */
export class AuditTrail implements EventSubscriber {
  async onFlush({ em, uow }: FlushEventArgs): Promise<void> {
    // Written after the changes, because new objects have no id before; outside a transaction that would be after commit.
    if (!em.isInTransaction() && uow.getChangeSets().some(({ meta }) => isAudited(meta.className))) {
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
  if (!action || !isAudited(meta.className)) return null
  const { before, after } = valuesOf(em, changeSet, action)
  if (action === 'UPDATED' && Object.keys(after ?? {}).length === 0) return null
  const stamp = (em.getLoggerContext() as { stamp?: Stamp }).stamp
  return {
    // An organization is its own tenant.
    organizationId: String(entity.organizationId ?? entity.id),
    at: stamp?.now() ?? new Date(),
    actor: stamp?.actor ?? 'system',
    reason: stamp?.reason ?? null,
    action,
    subjectType: meta.className,
    subjectId: String(entity.id),
    ...rootOf(meta.className, entity),
    before,
    after,
  }
}

export interface Stamp {
  actor: Actor
  now: () => Date
  /** Why the system does it. */
  reason?: string
}

function valuesOf(
  em: EntityManager,
  { meta, payload, originalEntity, entity }: ChangeSet<object>,
  action: AuditAction,
) {
  const shown = propertiesOf(meta).filter(({ name, type }) => isShown(name, type))
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
  const changed = shown.filter(({ name }) => name in payload)
  return { before: original(changed), after: current(changed) }
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
