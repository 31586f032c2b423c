import { Migration } from '@mikro-orm/migrations'
import { protect } from '../src/database/protect.ts'

/** Whole results as they were at a moment, for those who ask how things stood then. */
export class Migration20261121000500_result_states extends Migration {
  override up(): void {
    this.addSql(TABLE)
    this.addSql(protect(['result_state']))
  }
}

const TABLE = `
create table result_state (
  organization_id uuid not null,
  experiment_id int not null,
  version bigint not null,
  computed_at timestamptz not null,
  -- exact JSON
  results text not null,
  primary key (organization_id, experiment_id, version));
create index result_state_time on result_state (organization_id, experiment_id, computed_at desc);
`
