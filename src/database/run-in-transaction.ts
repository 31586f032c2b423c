import type { EntityManager } from '@mikro-orm/postgresql'

/** Runs SQL with numbered parameters in the transaction of an entity manager, on its connection. */
export async function runInTransaction<Row>(
  em: EntityManager,
  sql: string,
  parameters: readonly unknown[],
): Promise<Row[]> {
  const { rows } = await em.getKysely().executeQuery<Row>({
    sql,
    parameters,
    query: { kind: 'RawNode', sqlFragments: [sql], parameters: [] },
    queryId: { queryId: 'numbered' },
  })
  return rows
}
