import { Migration } from '@mikro-orm/migrations'
import { protect } from '../src/database/protect.ts'

/** The looks of group-sequential tests, which are taken once. */
export class Migration20261121000400_looks extends Migration {
  override up(): void {
    this.addSql(TABLE)
    this.addSql(protect(['analysis_look']))
    // A look is added and read; nobody changes what was seen.
    this.addSql('revoke update, delete, truncate on analysis_look from assay_app')
  }
}

const TABLE = `
create table analysis_look (
  organization_id uuid not null,
  experiment_id int not null,
  metric_id int not null,
  variant_id int not null,
  number int2 not null,
  units int not null,
  information float8 not null,
  estimate float8 not null,
  standard_error float8 not null,
  control_mean float8 not null,
  control_variance float8 not null,
  treatment_mean float8 not null,
  treatment_variance float8 not null,
  base_mean float8,
  base_variance float8,
  base_covariance float8,
  critical_value float8 not null,
  is_rejected boolean not null,
  taken_at timestamptz not null,
  primary key (organization_id, experiment_id, metric_id, variant_id, number),
  check (num_nulls(base_mean, base_variance, base_covariance) in (0, 3)));
`
