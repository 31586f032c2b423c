import { Migration } from '@mikro-orm/migrations'
import { appendOnly, protect } from '../src/database/protect.ts'

/** What happened and what watches: the audit log, the history of results, decisions, alerts and webhooks. */
export class Migration20261121000300_automation extends Migration {
  override up(): void {
    this.addSql(AUDIT)
    this.addSql(DECISIONS)
    this.addSql(ALERTS)
    this.addSql(WEBHOOKS)
    this.addSql(appendOnly('audit_entry'))
    this.addSql(protect(['decision_record', 'result_point', 'experiment_watch', 'alert', ...WEBHOOK_TABLES]))
    this.addSql(DOORS)
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

const DECISIONS = `
-- What an experiment was last evaluated at, null until it has been, and what its automation has acted on.
create table experiment_watch (
  organization_id uuid not null,
  experiment_id int not null,
  version bigint null,
  recommendation text null,
  winner_variant_id int null,
  acted_on text[] not null default '{}',
  primary key (organization_id, experiment_id));
create table result_point (
  organization_id uuid not null,
  experiment_id int not null,
  metric_id int not null,
  computed_at timestamptz not null,
  version bigint not null,
  exposed_units int not null,
  recommendation text not null,
  result jsonb not null,
  primary key (organization_id, experiment_id, metric_id, version));
create table decision_record (
  organization_id uuid not null,
  id serial not null,
  experiment_id int not null,
  kind text not null,
  decided_at timestamptz not null,
  recommendation text not null,
  winner_variant_id int null,
  reasons jsonb not null,
  action text null,
  actor text null,
  engine_version text not null,
  exposed_units int not null,
  subject text not null,
  aggregates text not null,
  looks text not null,
  results text not null,
  primary key (organization_id, id));
create index decision_record_organization_id_experiment_id_index on decision_record (organization_id, experiment_id);
`

const ALERTS = `
create table alert (
  organization_id uuid not null,
  id serial not null,
  kind text not null,
  cause text not null,
  experiment_id int null,
  message text not null,
  raised_at timestamptz not null,
  cleared_at timestamptz null,
  primary key (organization_id, id));
create index alert_organization_id_experiment_id_index on alert (organization_id, experiment_id);
`

const DOORS = `
grant select (organization_id, status, scheduled_start_at, ended_at, deleted_at) on experiment to assay_door;
create policy door on experiment for select to assay_door using (true);
grant select (organization_id, experiment_id, cleared_at) on alert to assay_door;
create policy door on alert for select to assay_door using (true);
-- Where an experiment is to be looked at, or an alert about one may have to be cleared.
create function door_live_organizations(at timestamptz) returns table (organization_id uuid)
  language sql stable security definer set search_path = pg_catalog, public
  as $$ select e.organization_id from experiment e
    where e.deleted_at is null and (e.status in ('RUNNING', 'PAUSED') or e.ended_at > at - interval '1 day'
      or (e.status = 'DRAFT' and e.scheduled_start_at <= at))
    union select a.organization_id from alert a where a.cleared_at is null and a.experiment_id is not null $$;
grant create on schema public to assay_door;
alter function door_live_organizations(timestamptz) owner to assay_door;
revoke create on schema public from assay_door;
revoke all on function door_live_organizations(timestamptz) from public;
grant execute on function door_live_organizations(timestamptz) to assay_app;
`

const WEBHOOK_TABLES = ['webhook_endpoint', 'webhook_secret', 'webhook_sequence', 'webhook_delivery', 'webhook_attempt']

const WEBHOOKS = `
create table webhook_endpoint (
  organization_id uuid not null,
  id serial not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  created_by text not null,
  updated_by text not null,
  url text not null,
  destination text not null,
  description text null,
  event_types text[] not null,
  disabled_at timestamptz null,
  disabled_reason text null,
  failing_since timestamptz null,
  deleted_at timestamptz null,
  version int not null default 1,
  primary key (organization_id, id));
create table webhook_secret (
  organization_id uuid not null,
  id serial not null,
  endpoint_id int not null,
  sealed bytea not null,
  valid_until timestamptz null,
  primary key (organization_id, id));
create index webhook_secret_organization_id_endpoint_id_index on webhook_secret (organization_id, endpoint_id);
-- The number of the last message about a subject to an endpoint.
create table webhook_sequence (
  organization_id uuid not null,
  endpoint_id int not null,
  subject text not null,
  last int not null,
  primary key (organization_id, endpoint_id, subject));
create table webhook_delivery (
  organization_id uuid not null,
  id serial not null,
  endpoint_id int not null,
  message_id text not null,
  event_type text not null,
  subject text not null,
  sequence int not null,
  data jsonb not null,
  created_at timestamptz not null,
  status text not null,
  attempt_count int not null default 0,
  attempts_before int not null default 0,
  next_attempt_at timestamptz null,
  finished_at timestamptz null,
  primary key (organization_id, id));
create index webhook_delivery_organization_id_endpoint_id_index on webhook_delivery (organization_id, endpoint_id);
create table webhook_attempt (
  organization_id uuid not null,
  id serial not null,
  delivery_id int not null,
  number int not null,
  at timestamptz not null,
  duration_ms int not null,
  status_code int null,
  error text null,
  response text null,
  primary key (organization_id, id));
alter table webhook_attempt add constraint webhook_attempt_organization_id_delivery_id_number_unique unique (organization_id, delivery_id, number);
alter table webhook_secret add constraint webhook_secret_organization_id_endpoint_id_foreign foreign key (organization_id, endpoint_id) references webhook_endpoint (organization_id, id);
alter table webhook_sequence add constraint webhook_sequence_organization_id_endpoint_id_foreign foreign key (organization_id, endpoint_id) references webhook_endpoint (organization_id, id);
alter table webhook_delivery add constraint webhook_delivery_organization_id_endpoint_id_foreign foreign key (organization_id, endpoint_id) references webhook_endpoint (organization_id, id);
alter table webhook_attempt add constraint webhook_attempt_organization_id_delivery_id_foreign foreign key (organization_id, delivery_id) references webhook_delivery (organization_id, id);
`
