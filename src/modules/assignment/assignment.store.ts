import type { Pool, PoolClient } from 'pg'
import { noteChange } from '../../database/note-change.ts'
import { tenantTransaction } from '../../database/tenant-transaction.ts'

/** Which unit in which experiment. */
export interface AssignmentKey {
  unitType: string
  unitId: string
  experimentId: number
}

export interface StoredAssignment {
  variantId: number
  epoch: number
  propensity: number | null
}

/** What is known of a unit in an experiment before it is decided. */
export interface Known {
  assignment: StoredAssignment | null
  /** The variant of its stored exposure, while that is its only one; null: not exposed yet. */
  exposedVariantId: number | null
}

export interface NewAssignment extends AssignmentKey, StoredAssignment {
  assignedAt: Date
}

/** One statement looks up many units; each row finds at most one assignment and one exposure by primary key. */
const LOOK_UP = `
select a.variant_id, a.epoch, a.propensity, e.variant_id as exposed_variant_id
from unnest($2::text[], $3::text[], $4::int[]) with ordinality as i (unit_type, unit_id, experiment_id, position)
left join lateral (
  select variant_id, epoch, propensity from assignment
  where organization_id = $1 and unit_type = i.unit_type and unit_id = i.unit_id and experiment_id = i.experiment_id offset 0) a on true
left join lateral (
  -- the unit's few exposures first: without statistics the planner would walk all units of the experiment instead
  select variant_id from (
    select * from exposure where organization_id = $1 and unit_type = i.unit_type and unit_id = i.unit_id offset 0) u
  where u.experiment_id = i.experiment_id and not contaminated and not excluded) e on true
order by i.position`

/** Rows go in key order, so that two writers cannot deadlock; a unit that somebody else has just assigned is left alone. */
const STORE = `
with stored as (
  insert into assignment (organization_id, unit_type, unit_id, experiment_id, variant_id, epoch, propensity, assigned_at)
  select $1, i.unit_type, i.unit_id, i.experiment_id, i.variant_id, i.epoch, i.propensity, i.assigned_at
  from unnest($2::text[], $3::text[], $4::int[], $5::int[], $6::int[], $7::float8[], $8::timestamptz[])
    as i (unit_type, unit_id, experiment_id, variant_id, epoch, propensity, assigned_at)
  order by i.unit_type, i.unit_id, i.experiment_id
  on conflict do nothing
  returning experiment_id, epoch, variant_id)
insert into assignment_count as c (organization_id, experiment_id, epoch, variant_id, slot, assigned)
select $1, experiment_id, epoch, variant_id, $9, count(*) from stored group by 2, 3, 4 order by 2, 3, 4
on conflict (organization_id, experiment_id, epoch, variant_id, slot) do update set assigned = c.assigned + excluded.assigned`

const CLEAR = `
with cleared as (
  delete from assignment
  where organization_id = $1 and unit_type = $2 and unit_id = $3 and experiment_id = $4
  returning experiment_id, epoch, variant_id)
insert into assignment_count as c (organization_id, experiment_id, epoch, variant_id, slot, assigned)
select $1, experiment_id, epoch, variant_id, 0, -1 from cleared
on conflict (organization_id, experiment_id, epoch, variant_id, slot) do update set assigned = c.assigned - 1
returning epoch, variant_id`

const COUNTS = `
select experiment_id, epoch, variant_id, sum(assigned)::int as assigned
from assignment_count where organization_id = $1 and experiment_id = any($2::int[])
group by 1, 2, 3 order by 1, 2, 3`

export interface AssignmentCount {
  experimentId: number
  epoch: number
  variantId: number
  assigned: number
}

/** Counter rows are spread over so many slots, so that concurrent writers do not wait for each other. */
const SLOTS = 8

/** Assignments in the database, by sets. */
export class AssignmentStore {
  readonly #pool: Pool
  #turn = 0

  constructor(pool: Pool) {
    this.#pool = pool
  }

  /** In the order of the keys. */
  lookUp(organizationId: string, keys: readonly AssignmentKey[]): Promise<Known[]> {
    return this.#transaction(organizationId, async (client) => {
      const { rows } = await client.query({
        name: 'assignment-look-up',
        text: LOOK_UP,
        values: [organizationId, ...columns(keys)],
      })
      return rows.map(({ variant_id, epoch, propensity, exposed_variant_id }) => ({
        assignment: variant_id === null ? null : { variantId: variant_id, epoch, propensity },
        exposedVariantId: exposed_variant_id,
      }))
    })
  }

  /** Stores what is new; what stands afterwards, perhaps by somebody else, has to be looked up again. */
  async store(organizationId: string, assignments: readonly NewAssignment[]): Promise<void> {
    const slot = this.#turn++ % SLOTS
    await this.#transaction(organizationId, (client) =>
      client.query({
        name: 'assignment-store',
        text: STORE,
        values: [
          organizationId,
          ...columns(assignments),
          assignments.map((assignment) => assignment.variantId),
          assignments.map((assignment) => assignment.epoch),
          assignments.map((assignment) => assignment.propensity),
          assignments.map((assignment) => assignment.assignedAt),
          slot,
        ],
      }),
    )
  }

  /** @returns whether there was an assignment to forget */
  clear(
    organizationId: string,
    { unitType, unitId, experimentId }: AssignmentKey,
    by: { actor: string; at: Date; experimentKey: string },
  ): Promise<boolean> {
    return this.#transaction(organizationId, async (client) => {
      const { rows } = await client.query(CLEAR, [organizationId, unitType, unitId, experimentId])
      if (rows.length === 0) return false
      await noteChange(client, {
        organizationId,
        at: by.at,
        actor: by.actor,
        action: 'DELETED',
        subjectType: 'Assignment',
        subjectId: `${unitType}:${unitId}`,
        root: { type: 'Experiment', id: experimentId, key: by.experimentKey },
        before: { unitType, unitId, variantId: rows[0].variant_id, epoch: rows[0].epoch },
        after: null,
      })
      return true
    })
  }

  counts(organizationId: string, experimentIds: readonly number[]): Promise<AssignmentCount[]> {
    return this.#transaction(organizationId, async (client) => {
      const { rows } = await client.query(COUNTS, [organizationId, experimentIds])
      return rows.map(({ experiment_id, epoch, variant_id, assigned }) => ({
        experimentId: experiment_id,
        epoch,
        variantId: variant_id,
        assigned,
      }))
    })
  }

  #transaction<T>(organizationId: string, work: (client: PoolClient) => Promise<T>): Promise<T> {
    return tenantTransaction(this.#pool, organizationId, work)
  }
}

function columns(keys: readonly AssignmentKey[]): [string[], string[], number[]] {
  return [keys.map((key) => key.unitType), keys.map((key) => key.unitId), keys.map((key) => key.experimentId)]
}
