import { Migration } from '@mikro-orm/migrations'
import { policy, protect } from '../src/database/protect.ts'

/**
 * The roles, the tables of organizations, metrics and experiments, and the wall between organizations.
 * `assay_app` is what the server runs as: it owns nothing and cannot bypass row-level security.
 * `assay_door` owns the `door_*` functions, the only way to learn an id without naming the organization first.
 */
export class Migration20261121000000_initial extends Migration {
  override up(): void {
    this.addSql(ROLES)
    this.addSql(TABLES)
    this.addSql([protect(TENANT_TABLES), policy('organization', 'id')].join('\n'))
    this.addSql(DOORS)
  }
}

const TENANT_TABLES = [
  'member',
  'credential',
  'metric',
  'metric_version',
  'experiment',
  'variant',
  'experiment_metric',
  'override',
  'allocation_epoch',
]

const ROLES = `
do $$
declare
  name text;
begin
  foreach name in array array['assay_app', 'assay_door'] loop
    begin
      execute format('create role %I nologin nosuperuser nobypassrls nocreatedb nocreaterole', name);
    exception when duplicate_object or unique_violation then null;
    end;
    if not pg_has_role(current_user, name, 'set') then
      execute format('grant %I to current_user', name);
    end if;
  end loop;
end $$;
grant usage on schema public to assay_app, assay_door;

-- The organization of the transaction; null, and so no row, when none is set.
create function assay_organization_id() returns uuid language sql stable parallel safe
  as $$ select nullif(current_setting('assay.organization_id', true), '')::uuid $$;
`

const TABLES = `
create table organization (
  id uuid not null,
  key text not null,
  name text not null,
  created_at timestamptz not null,
  revision int not null default 0,
  primary key (id));
alter table organization add constraint organization_key_unique unique (key);
create table member (
  organization_id uuid not null,
  id serial not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  created_by text not null,
  updated_by text not null,
  name text not null,
  email text not null,
  role text not null,
  removed_at timestamptz null,
  primary key (organization_id, id));
alter table member add constraint member_organization_id_email_unique unique (organization_id, email);
create table credential (
  organization_id uuid not null,
  id serial not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  created_by text not null,
  updated_by text not null,
  kind text not null,
  name text not null,
  prefix text not null,
  hash bytea not null,
  member_id int null,
  allowed_origins text[] null,
  rate_per_minute int null,
  expires_at timestamptz null,
  revoked_at timestamptz null,
  primary key (organization_id, id));
alter table credential add constraint credential_hash_unique unique (hash);
create index credential_organization_id_member_id_index on credential (organization_id, member_id);
create table metric (
  organization_id uuid not null,
  id serial not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  created_by text not null,
  updated_by text not null,
  key text not null,
  name text not null,
  description text null,
  kind text not null,
  latest_version int not null,
  archived_at timestamptz null,
  primary key (organization_id, id));
alter table metric add constraint metric_organization_id_key_unique unique (organization_id, key);
create table metric_version (
  organization_id uuid not null,
  id serial not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  created_by text not null,
  updated_by text not null,
  metric_id int not null,
  version int not null,
  definition jsonb not null,
  primary key (organization_id, id));
alter table metric_version add constraint metric_version_organization_id_metric_id_version_unique unique (organization_id, metric_id, version);
create table experiment (
  organization_id uuid not null,
  id serial not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  created_by text not null,
  updated_by text not null,
  key text not null,
  name text not null,
  hypothesis text null,
  description text null,
  tags text[] not null,
  status text not null default 'DRAFT',
  unit_type text not null default 'user',
  assignment_algorithm text not null default 'HASH',
  seed text not null,
  traffic_basis_points int not null default 10000,
  targeting jsonb null,
  config_schema jsonb null,
  time_zone text not null default 'UTC',
  local_evaluation boolean not null default false,
  planned_duration_days int null,
  analysis jsonb not null,
  started_at timestamptz null,
  ended_at timestamptz null,
  winner_variant_id int null,
  scheduled_start_at timestamptz null,
  scheduled_end_at timestamptz null,
  automation jsonb not null,
  deleted_at timestamptz null,
  version int not null default 1,
  primary key (organization_id, id));
create index experiment_organization_id_status_index on experiment (organization_id, status);
alter table experiment add constraint experiment_organization_id_key_unique unique (organization_id, key);
create table variant (
  organization_id uuid not null,
  id serial not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  created_by text not null,
  updated_by text not null,
  experiment_id int not null,
  key text not null,
  name text not null,
  description text null,
  is_control boolean not null,
  weight_basis_points int not null,
  config jsonb null,
  position int not null default 0,
  primary key (organization_id, id));
alter table variant add constraint variant_organization_id_experiment_id_key_unique unique (organization_id, experiment_id, key);
create table experiment_metric (
  organization_id uuid not null,
  id serial not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  created_by text not null,
  updated_by text not null,
  experiment_id int not null,
  metric_id int not null,
  role text not null,
  non_inferiority_margin jsonb null,
  metric_version int null,
  position int not null default 0,
  primary key (organization_id, id));
alter table experiment_metric add constraint experiment_metric_organization_id_experiment_id_m_2495c_unique unique (organization_id, experiment_id, metric_id);
create table "override" (
  organization_id uuid not null,
  id serial not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  created_by text not null,
  updated_by text not null,
  experiment_id int not null,
  unit_id text not null,
  variant_id int not null,
  primary key (organization_id, id));
alter table "override" add constraint override_organization_id_experiment_id_unit_id_unique unique (organization_id, experiment_id, unit_id);
create table allocation_epoch (
  organization_id uuid not null,
  id serial not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  created_by text not null,
  updated_by text not null,
  experiment_id int not null,
  number int not null,
  started_at timestamptz not null,
  weights jsonb not null,
  traffic_basis_points int not null,
  targeting jsonb null,
  primary key (organization_id, id));
alter table allocation_epoch add constraint allocation_epoch_organization_id_experiment_id_number_unique unique (organization_id, experiment_id, number);
alter table allocation_epoch add constraint allocation_epoch_organization_id_experiment_id_foreign foreign key (organization_id, experiment_id) references experiment (organization_id, id) on update cascade;
alter table credential add constraint credential_organization_id_member_id_foreign foreign key (organization_id, member_id) references member (organization_id, id) on update cascade on delete no action;
alter table experiment_metric add constraint experiment_metric_organization_id_experiment_id_foreign foreign key (organization_id, experiment_id) references experiment (organization_id, id) on update cascade;
alter table experiment_metric add constraint experiment_metric_organization_id_metric_id_foreign foreign key (organization_id, metric_id) references metric (organization_id, id) on update cascade;
alter table metric_version add constraint metric_version_organization_id_metric_id_foreign foreign key (organization_id, metric_id) references metric (organization_id, id) on update cascade;
alter table variant add constraint variant_organization_id_experiment_id_foreign foreign key (organization_id, experiment_id) references experiment (organization_id, id) on update cascade;
alter table "override" add constraint override_organization_id_experiment_id_foreign foreign key (organization_id, experiment_id) references experiment (organization_id, id) on update cascade;
alter table "override" add constraint override_organization_id_variant_id_foreign foreign key (organization_id, variant_id) references variant (organization_id, id) on update cascade;
`

const DOORS = `
grant select (organization_id, id, hash) on credential to assay_door;
create policy door on credential for select to assay_door using (true);
create function door_credential(credential_hash bytea) returns table (organization_id uuid, credential_id int)
  language sql stable security definer set search_path = pg_catalog, public
  as $$ select c.organization_id, c.id from credential c where c.hash = credential_hash $$;

grant select (id) on organization to assay_door;
create policy door on organization for select to assay_door using (true);
create function door_organizations() returns table (organization_id uuid)
  language sql stable security definer set search_path = pg_catalog, public
  as $$ select o.id from organization o $$;

grant create on schema public to assay_door;
alter function door_credential(bytea) owner to assay_door;
alter function door_organizations() owner to assay_door;
revoke create on schema public from assay_door;
revoke all on function door_credential(bytea), door_organizations() from public;
grant execute on function door_credential(bytea), door_organizations() to assay_app;
`
