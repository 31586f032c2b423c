import { Migration } from '@mikro-orm/migrations'
import { protect } from '../src/database/protect.ts'

/** Results of the past, computed again from the log when somebody asks for them. */
export class Migration20261121000600_recomputations extends Migration {
  override up(): void {
    this.addSql(TABLE)
    this.addSql(protect(['results_recomputation']))
  }
}

const TABLE = `
create table results_recomputation (
  organization_id uuid not null,
  id serial not null,
  experiment_id int not null,
  as_of timestamptz not null,
  status text not null,
  requested_at timestamptz not null,
  requested_by text not null,
  started_at timestamptz null,
  finished_at timestamptz null,
  attempts int not null default 0,
  failure_code text null,
  failure_message text null,
  engine_version text null,
  -- exact JSON
  results text null,
  primary key (organization_id, id));
create index results_recomputation_organization_id_experiment_id_index on results_recomputation (organization_id, experiment_id);
alter table results_recomputation add constraint results_recomputation_organization_id_experiment_id_foreign foreign key (organization_id, experiment_id) references experiment (organization_id, id);
`
