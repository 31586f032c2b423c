/** `$1` organization, `$2` recomputation, `$3` now: takes it up, for the first time or again; no row if it is done, or gone. */
export const TAKE_UP = `
update results_recomputation set status = 'RUNNING', started_at = coalesce(started_at, $3), attempts = attempts + 1
where organization_id = $1 and id = $2 and status in ('QUEUED', 'RUNNING')
returning experiment_id, as_of, attempts`

/** `$1` organization, `$2` recomputation, `$3` now, `$4` results as exact JSON, `$5` version of the engine: done, unless another process was first. */
export const SUCCEED = `
update results_recomputation set status = 'SUCCEEDED', finished_at = $3, results = $4, engine_version = $5
where organization_id = $1 and id = $2 and status = 'RUNNING'`

/** `$1` organization, `$2` recomputation, `$3` now, `$4` code, `$5` message: given up, unless another process was first. */
export const GIVE_UP = `
update results_recomputation set status = 'FAILED', finished_at = $3, failure_code = $4, failure_message = $5
where organization_id = $1 and id = $2 and status = 'RUNNING'`

/** Of the organization of the transaction, those done before `$1`. */
export const FORGET_DONE = `
with removed as (
  delete from results_recomputation where organization_id = assay_organization_id() and finished_at < $1 returning 1)
select count(*)::int as removed from removed`

/** Of the organization of the transaction, those asked for before `$1` and never done, whose job is lost. `$2` now, `$3` code, `$4` message. */
export const GIVE_UP_LOST = `
with lost as (
  update results_recomputation set status = 'FAILED', finished_at = $2, failure_code = $3, failure_message = $4
  where organization_id = assay_organization_id() and finished_at is null and requested_at < $1 returning 1)
select count(*)::int as removed from lost`

/** `$1` organization, `$2` recomputations: the results of those that have some. */
export const RESULTS_OF = `
select id, results from results_recomputation where organization_id = $1 and id = any($2::int[]) and results is not null`
