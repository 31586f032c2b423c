import type { PoolClient } from 'pg'

export interface NotedChange {
  organizationId: string
  at: Date
  /** `key:7`, `member:3` or `system`. */
  actor: string
  action: 'UPDATED' | 'DELETED'
  subjectType: string
  subjectId: string
  /** The object that it belongs to. */
  root: { type: string; id: number; key: string }
  before: object | null
  after: object | null
}

const NOTE = `
insert into audit_entry (organization_id, at, actor, action, subject_type, subject_id, root_type, root_id, root_key, before, after)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`

/** Writes an audit entry for a change that is made by SQL alone, in its transaction; what the ORM changes gets one by itself. */
export async function noteChange(client: PoolClient, change: NotedChange): Promise<void> {
  const { organizationId, at, actor, action, subjectType, subjectId, root, before, after } = change
  await client.query(NOTE, [
    organizationId,
    at,
    actor,
    action,
    subjectType,
    subjectId,
    root.type,
    String(root.id),
    root.key,
    before,
    after,
  ])
}
