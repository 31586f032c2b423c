import { Migration } from '@mikro-orm/migrations'
import { protect } from '../src/database/protect.ts'

/** Rollouts, their health checks and steps, and the samples that the checks look at. */
export class Migration20261121000200_rollouts extends Migration {
  override up(): void {
    this.addSql(TABLES)
    this.addSql(protect(TENANT_TABLES))
    this.addSql(DOORS)
  }
}

const TENANT_TABLES = [
  'rollout',
  'rollout_check',
  'rollout_window',
  'rollout_transition',
  'rollout_health',
  'rollout_latency_bucket',
  'rollout_sample_key',
]

const TRACKED = `
  organization_id uuid not null,
  id serial not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  created_by text not null,
  updated_by text not null,`

const TABLES = `
create table rollout (${TRACKED}
  key text not null,
  name text not null,
  description text null,
  status text not null default 'DRAFT',
  unit_type text not null default 'user',
  salt text not null,
  version_label text not null,
  config jsonb null,
  control_config jsonb null,
  targeting jsonb null,
  stages jsonb not null,
  starts_at timestamptz null,
  alpha double precision not null default 0.05,
  maximum_sample_age_seconds int not null default 300,
  stage_index int null,
  share_basis_points int not null default 0,
  stage_due_at timestamptz null,
  window_number int not null default 0,
  started_at timestamptz null,
  ended_at timestamptz null,
  promoted_from_id int null,
  deleted_at timestamptz null,
  version int not null default 1,
  primary key (organization_id, id));
create index rollout_organization_id_status_index on rollout (organization_id, status);
alter table rollout add constraint rollout_organization_id_key_unique unique (organization_id, key);
alter table rollout add constraint rollout_organization_id_promoted_from_id_foreign foreign key (organization_id, promoted_from_id) references experiment (organization_id, id) on update cascade;

create table rollout_check (${TRACKED}
  rollout_id int not null,
  key text not null,
  signal text not null,
  comparison text not null,
  is_higher_worse boolean not null,
  limit_value double precision not null,
  quantile double precision null,
  minimum_sample int not null,
  on_failure text not null,
  metric_id int null,
  metric_version int null,
  position int not null default 0,
  primary key (organization_id, id));
alter table rollout_check add constraint rollout_check_organization_id_rollout_id_key_unique unique (organization_id, rollout_id, key);
alter table rollout_check add constraint rollout_check_organization_id_rollout_id_foreign foreign key (organization_id, rollout_id) references rollout (organization_id, id) on update cascade;
alter table rollout_check add constraint rollout_check_organization_id_metric_id_foreign foreign key (organization_id, metric_id) references metric (organization_id, id) on update cascade;

create table rollout_window (${TRACKED}
  rollout_id int not null,
  number int not null,
  share_basis_points int not null,
  started_at timestamptz not null,
  ended_at timestamptz null,
  attribution_id int null,
  newest_treatment_exposure_at timestamptz null,
  newest_control_exposure_at timestamptz null,
  primary key (organization_id, id));
alter table rollout_window add constraint rollout_window_organization_id_rollout_id_number_unique unique (organization_id, rollout_id, number);
alter table rollout_window add constraint rollout_window_organization_id_rollout_id_foreign foreign key (organization_id, rollout_id) references rollout (organization_id, id) on update cascade;

create table rollout_transition (${TRACKED}
  rollout_id int not null,
  number int not null,
  action text not null,
  at timestamptz not null,
  cause text not null,
  share_before int not null,
  share_after int not null,
  evidence jsonb null,
  primary key (organization_id, id));
alter table rollout_transition add constraint rollout_transition_organization_id_rollout_id_number_unique unique (organization_id, rollout_id, number);
alter table rollout_transition add constraint rollout_transition_organization_id_rollout_id_foreign foreign key (organization_id, rollout_id) references rollout (organization_id, id) on update cascade;

-- Sums of the samples of one arm in one window; numeric and so exact.
create table rollout_health (
  organization_id uuid not null,
  rollout_id int not null,
  window_number int not null,
  arm text not null,
  requests bigint not null,
  errors bigint not null,
  latency_count bigint not null,
  latency_sum numeric not null,
  latency_sum_of_squares numeric not null,
  quality_count bigint not null,
  quality_sum numeric not null,
  quality_sum_of_squares numeric not null,
  -- as last reported; shown, not tested
  percentiles jsonb,
  -- end of the newest sample: of any, and of those that held any of it; buckets are those of the histogram
  newest_at timestamptz not null,
  newest_requests_at timestamptz null,
  newest_latency_at timestamptz null,
  newest_buckets_at timestamptz null,
  newest_quality_at timestamptz null,
  primary key (organization_id, rollout_id, window_number, arm)) with (fillfactor = 50);

-- Requests by latency, from their bucket's lower bound in milliseconds on.
create table rollout_latency_bucket (
  organization_id uuid not null,
  rollout_id int not null,
  window_number int not null,
  arm text not null,
  lower_bound float8 not null,
  requests bigint not null,
  primary key (organization_id, rollout_id, window_number, arm, lower_bound)) with (fillfactor = 50);

-- Digests of the idempotency keys of samples, until the rollout ends.
create table rollout_sample_key (
  organization_id uuid not null,
  rollout_id int not null,
  sample_key uuid not null,
  primary key (organization_id, rollout_id, sample_key));
`

const DOORS = `
grant select (organization_id, status, starts_at, deleted_at) on rollout to assay_door;
create policy door on rollout for select to assay_door using (true);
create function door_due_rollouts(now timestamptz) returns table (organization_id uuid)
  language sql stable security definer set search_path = pg_catalog, public
  as $$ select distinct r.organization_id from rollout r
    where r.deleted_at is null and (r.status = 'RUNNING' or (r.status = 'DRAFT' and r.starts_at <= now)) $$;
grant create on schema public to assay_door;
alter function door_due_rollouts(timestamptz) owner to assay_door;
revoke create on schema public from assay_door;
revoke all on function door_due_rollouts(timestamptz) from public;
grant execute on function door_due_rollouts(timestamptz) to assay_app;
`
