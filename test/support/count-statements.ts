import { createRequire } from 'node:module'
import { Client } from 'pg'

/** What is part of every transaction rather than a statement of its own. */
const FRAME =
  /^(begin|start transaction|commit|rollback|set|savepoint|release|select set_config|select pg_notify|listen)\b/i

/** The driver of the hot paths, and the copy that the ORM brings along. */
const CLIENTS: Array<typeof Client> = [Client, createRequire(import.meta.resolve('@mikro-orm/postgresql'))('pg').Client]

/** The statements that the process sends to PostgreSQL while `work` runs, without those that frame transactions. */
export async function countStatements<T>(work: () => Promise<T>): Promise<{ result: T; statements: string[] }> {
  const statements: string[] = []
  const restore = [...new Set(CLIENTS)].map(({ prototype }) => {
    const { query } = prototype
    prototype.query = function (this: Client, ...args: unknown[]) {
      const [first] = args
      const text = typeof first === 'string' ? first : ((first as { text?: string }).text ?? '')
      if (!FRAME.test(text.trim())) statements.push(text.trim())
      return (query as (...all: unknown[]) => unknown).apply(this, args)
    } as typeof query
    return () => {
      prototype.query = query
    }
  })
  try {
    return { result: await work(), statements }
  } finally {
    for (const undo of restore) undo()
  }
}
