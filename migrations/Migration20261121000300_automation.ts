import { Migration } from '@mikro-orm/migrations'
import { appendOnly } from '../src/database/protect.ts'

/** What happened and what watches: the audit log. */
export class Migration20261121000300_automation extends Migration {
  override up(): void {
    this.addSql(AUDIT)
    this.addSql(appendOnly('audit_entry'))
  }
}

const AUDIT = `
create table audit_entry (
  organization_id uuid not null,
  id serial not null,
  at timestamptz not null,
  actor text not null,
  reason text null,
  action text not null,
  subject_type text not null,
  subject_id text not null,
  root_type text not null,
  root_id text not null,
  root_key text null,
  before jsonb null,
  after jsonb null,
  primary key (organization_id, id));
create index audit_entry_organization_id_at_index on audit_entry (organization_id, at);
create index audit_entry_organization_id_root_type_root_key_index on audit_entry (organization_id, root_type, root_key);
`
