import { Migration } from '@mikro-orm/migrations'
import { protect } from '../src/database/protect.ts'

/** Assignments, exposures, the event log and the aggregates that results are read from. Sums are numeric and so exact. */
export class Migration20261121000100_ingestion extends Migration {
  override up(): void {
    this.addSql(TABLES)
    this.addSql(protect(TENANT_TABLES))
  }
}

const TENANT_TABLES = [
  'assignment',
  'assignment_count',
  'event',
  'exposure',
  'unit_total',
  'unit_values',
  'attributed_experiment',
  'attributed_metric',
  'metric_source',
  'daily_exposure',
  'daily_metric',
  'daily_weighted',
  'value_histogram',
  'event_series',
  'experiment_change',
]

const TABLES = `
create table assignment (
  organization_id uuid not null,
  unit_type text collate "C" not null,
  unit_id text collate "C" not null,
  experiment_id int not null,
  variant_id int not null,
  epoch int not null,
  propensity float8,
  assigned_at timestamptz not null,
  primary key (organization_id, unit_type, unit_id, experiment_id));

-- Assigned and not cleared; spread over slots, so that concurrent writers do not wait for each other.
create table assignment_count (
  organization_id uuid not null,
  experiment_id int not null,
  epoch int not null,
  variant_id int not null,
  slot int2 not null,
  assigned bigint not null,
  primary key (organization_id, experiment_id, epoch, variant_id, slot)) with (fillfactor = 50);

-- The log: one row for each unit that an event names. Its indexes begin with what tells rows apart the soonest: most of what it
-- costs to keep them are comparisons.
create table event (
  organization_id uuid not null,
  -- Digest of the idempotency key, in the row of the event's own unit; null in those of further units.
  idempotency_key uuid,
  unit_type text collate "C" not null,
  unit_id text collate "C" not null,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  name text collate "C" not null,
  value numeric,
  properties jsonb);
-- The first use of a key wins.
create unique index event_key on event (idempotency_key, organization_id) where idempotency_key is not null;
create index event_unit on event (unit_id, unit_type, organization_id, occurred_at);
-- Small and cheap to keep: rows come in the order of their receipt.
create index event_received on event using brin (received_at);

create table exposure (
  organization_id uuid not null,
  unit_type text collate "C" not null,
  unit_id text collate "C" not null,
  experiment_id int not null,
  variant_id int not null,
  epoch int not null,
  -- of the first exposure, in the time zone of the experiment
  day date not null,
  first_at timestamptz not null,
  -- 1 / propensity, in experiments whose allocation adapts; null elsewhere
  inverse_propensity numeric,
  -- seen in several variants
  contaminated boolean not null default false,
  -- overridden, now or once: never analysed
  excluded boolean not null default false,
  -- attributes of the unit at its first exposure
  context jsonb,
  -- one of each dimension of its experiment, told from the context; null without dimensions
  slices int2[],
  primary key (organization_id, unit_type, unit_id, experiment_id)) with (fillfactor = 95);
create index exposure_experiment on exposure (organization_id, experiment_id);

create table unit_total (
  organization_id uuid not null,
  unit_type text collate "C" not null,
  unit_id text collate "C" not null,
  experiment_id int not null,
  metric_id int not null,
  variant_id int not null,
  epoch int not null,
  day date not null,
  slices int2[],
  weight numeric,
  numerator numeric not null,
  denominator numeric not null,
  -- numerator and denominator from before the first exposure
  covariate numeric not null,
  denominator_covariate numeric not null,
  primary key (organization_id, unit_type, unit_id, experiment_id, metric_id)) with (fillfactor = 85);

-- The values of one unit for a metric that measures a quantile: how many fall into each bucket.
create table unit_values (
  organization_id uuid not null,
  unit_type text collate "C" not null,
  unit_id text collate "C" not null,
  experiment_id int not null,
  metric_id int not null,
  variant_id int not null,
  epoch int not null,
  slices int2[],
  -- ascending, and with as many counts
  buckets int[] not null,
  counts int[] not null,
  primary key (organization_id, unit_type, unit_id, experiment_id, metric_id)) with (fillfactor = 85);

-- The attribution index: what the events and exposures of an experiment count for, from its start to the end of retention.
create table attributed_experiment (
  organization_id uuid not null,
  experiment_id int not null,
  unit_type text collate "C" not null,
  time_zone text not null,
  is_adaptive boolean not null,
  started_at timestamptz not null,
  ended_at timestamptz,
  primary key (organization_id, experiment_id));
create table attributed_metric (
  organization_id uuid not null,
  experiment_id int not null,
  metric_id int not null,
  numerator_cap numeric,
  -- of retention: units count once so much time has passed
  matures_after interval,
  primary key (organization_id, experiment_id, metric_id));
create table metric_source (
  organization_id uuid not null,
  experiment_id int not null,
  event_name text collate "C" not null,
  metric_id int not null,
  -- n(umerator) or d(enominator)
  side "char" not null,
  filter jsonpath,
  -- the number of events instead of the sum of their values
  counts boolean not null,
  -- of a quantile: events without a value do not count, and the others are kept by bucket
  keeps_values boolean not null,
  conversion_window interval,
  -- of retention: events count only so long after the first exposure
  window_start interval,
  covariate_window interval,
  primary key (organization_id, experiment_id, event_name, metric_id, side));

-- Slice 0 of all aggregates holds every unit, the others those with one value of a dimension each.
create table daily_exposure (
  organization_id uuid not null,
  experiment_id int not null,
  slice int2 not null,
  epoch int not null,
  day date not null,
  variant_id int not null,
  slot int2 not null,
  units bigint not null,
  contaminated bigint not null,
  -- sums of the inverse propensity and of its square
  w numeric not null,
  ww numeric not null,
  primary key (organization_id, experiment_id, slice, epoch, day, variant_id, slot)) with (fillfactor = 50);

-- Sums over units of x (numerator), y (denominator), c and d (the same before exposure) and of their products.
create table daily_metric (
  organization_id uuid not null,
  experiment_id int not null,
  slice int2 not null,
  metric_id int not null,
  epoch int not null,
  day date not null,
  variant_id int not null,
  slot int2 not null,
  x numeric not null, y numeric not null, c numeric not null, d numeric not null,
  xx numeric not null, yy numeric not null, cc numeric not null, dd numeric not null,
  xy numeric not null, xc numeric not null, xd numeric not null,
  yc numeric not null, yd numeric not null, cd numeric not null,
  primary key (organization_id, experiment_id, slice, metric_id, epoch, day, variant_id, slot)) with (fillfactor = 50);

-- The same with weights w = 1 / propensity, for experiments whose allocation adapts.
create table daily_weighted (
  organization_id uuid not null,
  experiment_id int not null,
  slice int2 not null,
  metric_id int not null,
  epoch int not null,
  day date not null,
  variant_id int not null,
  slot int2 not null,
  wx numeric not null, wy numeric not null,
  wwx numeric not null, wwy numeric not null,
  wwxx numeric not null, wwyy numeric not null, wwxy numeric not null,
  primary key (organization_id, experiment_id, slice, metric_id, epoch, day, variant_id, slot)) with (fillfactor = 50);

-- Values by bucket, for quantiles, and what tells how much they cluster by unit: with h values of a unit in this bucket, b in it
-- and those below, and n in all, the sums over units of h, of n · h, and of b² − (b − h)².
create table value_histogram (
  organization_id uuid not null,
  experiment_id int not null,
  slice int2 not null,
  metric_id int not null,
  epoch int not null,
  variant_id int not null,
  bucket int not null,
  slot int2 not null,
  h bigint not null,
  nh bigint not null,
  bb bigint not null,
  primary key (organization_id, experiment_id, slice, metric_id, epoch, variant_id, bucket, slot)) with (fillfactor = 50);

-- Events by the day that they happened, in the time zone of the experiment; uncapped.
create table event_series (
  organization_id uuid not null,
  experiment_id int not null,
  metric_id int not null,
  day date not null,
  variant_id int not null,
  slot int2 not null,
  events bigint not null,
  numerator numeric not null,
  denominator numeric not null,
  primary key (organization_id, experiment_id, metric_id, day, variant_id, slot)) with (fillfactor = 50);

-- The change counter of an experiment is the sum over its slots.
create table experiment_change (
  organization_id uuid not null,
  experiment_id int not null,
  slot int2 not null,
  version bigint not null,
  primary key (organization_id, experiment_id, slot)) with (fillfactor = 50);
`
