import { AGGREGATES } from './aggregates.sql.ts'
import { deriveFromLog } from './derive-from-log.sql.ts'

/** The tables of aggregates, and what {@link deriveFromLog} says that they hold. */
const DERIVED_TABLES: Readonly<Record<string, string>> = {
  daily_exposure: 'exposure_expected',
  daily_metric: 'metric_expected',
  daily_weighted: 'weighted_expected',
  value_histogram: 'histogram_expected',
  event_series: 'series_expected',
}

/**
 * The same as AGGREGATES, of one experiment, with everything read from the exposures and the log: what is derived from them stands
 * under the names of the tables, and so in their places.
 * `$1` organization, `$2` the experiment, once for each slice, `$3` the moment before which everything must have happened,
 * `$4` the slices.
 */
export const AGGREGATES_FROM_LOG = `
with ${deriveFromLog('($2::int[])[1]', '$3::timestamptz')},
${Object.entries(DERIVED_TABLES)
  .map(([table, derived]) => `${table} as (select $1::uuid as organization_id, * from ${derived})`)
  .join(',\n')}
${AGGREGATES}`
