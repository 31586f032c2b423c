import { Client } from 'pg'
import type { Cells } from './attribution-model.ts'
import type { TestDatabase } from './test-database.ts'

const TABLES: Record<string, { cell: readonly string[]; sums: readonly string[] }> = {
  daily_exposure: {
    cell: ['experiment_id', 'slice', 'epoch', 'day', 'variant_id'],
    sums: ['units', 'contaminated', 'w', 'ww'],
  },
  daily_metric: {
    cell: ['experiment_id', 'slice', 'metric_id', 'epoch', 'day', 'variant_id'],
    sums: ['x', 'y', 'c', 'd', 'xx', 'yy', 'cc', 'dd', 'xy', 'xc', 'xd', 'yc', 'yd', 'cd'],
  },
  daily_weighted: {
    cell: ['experiment_id', 'slice', 'metric_id', 'epoch', 'day', 'variant_id'],
    sums: ['wx', 'wy', 'wwx', 'wwy', 'wwxx', 'wwyy', 'wwxy'],
  },
  value_histogram: {
    cell: ['experiment_id', 'slice', 'metric_id', 'epoch', 'variant_id', 'bucket'],
    sums: ['h', 'nh', 'bb'],
  },
  event_series: {
    cell: ['experiment_id', 'metric_id', 'day', 'variant_id'],
    sums: ['events', 'numerator', 'denominator'],
  },
}

/** The aggregate rows of an organization as they stand in the database, past all of the server's own code. */
export async function storedAggregates({ owner }: TestDatabase, organizationId: string): Promise<Cells> {
  const client = new Client(owner)
  await client.connect()
  try {
    const cells: Cells = new Map()
    for (const [table, { cell, sums }] of Object.entries(TABLES)) {
      const { rows } = await client.query(
        `select ${cell.map((name) => `${name}::text`).join(', ')}, ${sums.map((sum) => `trim_scale(sum(${sum})::numeric)::text as ${sum}`).join(', ')}
         from ${table} where organization_id = $1 group by ${cell.join(', ')}`,
        [organizationId],
      )
      for (const row of rows) {
        const shown = sums.map((sum) => [sum, row[sum]])
        if (shown.some(([, value]) => value !== '0')) {
          cells.set([table, ...cell.map((name) => row[name])].join(' '), Object.fromEntries(shown))
        }
      }
    }
    return cells
  } finally {
    await client.end()
  }
}
