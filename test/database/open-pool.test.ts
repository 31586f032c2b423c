import { once } from 'node:events'
import { Writable } from 'node:stream'
import { Client } from 'pg'
import { expect, test } from 'vitest'
import { openPool } from '../../src/database/open-pool.ts'
import { openLog } from '../../src/shared/open-log.ts'
import { cloneTemplate } from '../support/test-database.ts'

test('an idle connection that breaks is logged by its message and code, without what was sent on it', async () => {
  const database = await cloneTemplate()
  const written: string[] = []
  const log = openLog(
    'info',
    new Writable({
      write: (line, _encoding, done) => {
        written.push(String(line))
        done()
      },
    }),
  )
  const pool = openPool(database.app, 1, log)
  const owner = new Client(database.owner)
  await owner.connect()
  try {
    const { rows } = await pool.query("select pg_backend_pid() as pid, 'told to nobody' as text")
    const broken = once(pool, 'error')
    await owner.query('select pg_terminate_backend($1)', [rows[0].pid])
    await broken
    const line = JSON.parse(written.find((each) => each.includes('idle'))!)
    expect(line.msg).toBe('An idle database connection broke.')
    expect(line.err).toMatchObject({ message: expect.stringContaining('terminat'), code: '57P01' })
    expect(written.join()).not.toContain('told to nobody')
    expect(Object.keys(line.err).sort()).toEqual(['code', 'message', 'stack', 'type'])
  } finally {
    await owner.end()
    await pool.end()
    await database.drop()
  }
})
