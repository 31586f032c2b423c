import { describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { StartupError } from '../../src/shared/startup-error.ts'
import { databaseUrl, ServerProcess } from '../support/server-process.ts'
import { cloneTemplate } from '../support/test-database.ts'

const NO_WHOLE_NUMBERS = [
  ' ',
  ' 5',
  '5 ',
  '-5',
  '+5',
  '5.0',
  '5,0',
  '5e0',
  '0x5',
  '0b1',
  '5n',
  'NaN',
  'Infinity',
  '٥',
  'five',
]
const HUGE = '99999999999999999999'

describe('settings', () => {
  test('have defaults, also where they are empty', () => {
    const defaults = readConfig({})
    expect(defaults).toEqual({
      port: 4_000,
      host: '127.0.0.1',
      databaseUrl: null,
      dataDir: null,
      poolSize: 20,
      retentionDays: 90,
      logLevel: 'info',
      secretKey: null,
      webhookNetworks: [],
      trustProxy: false,
    })
    expect(readConfig({ PORT: '', HOST: '', DATABASE_URL: '', ASSAY_DATA_DIR: '', ASSAY_POOL_SIZE: '' })).toEqual(
      defaults,
    )
  })

  test.each([
    ['PORT', '0', '65535', ['65536', HUGE]],
    ['ASSAY_POOL_SIZE', '4', '500', ['3', '0', '501', HUGE]],
    ['ASSAY_RETENTION_DAYS', '1', '3650', ['0', '3651', HUGE]],
  ])('%s is a whole number from %s to %s, written in digits', (name, least, most, beyond) => {
    for (const value of [least, most]) expect(() => readConfig({ [name]: value })).not.toThrow()
    for (const value of [...NO_WHOLE_NUMBERS, ...beyond]) {
      expect(() => readConfig({ [name]: value }), value).toThrow(
        new StartupError(`${name} is ${JSON.stringify(value)}: must be a whole number from ${least} to ${most}.`),
      )
    }
  })

  test.each([
    ['HOST', [' ', ' localhost', 'local host', 'localhost\n']],
    ['ASSAY_DATA_DIR', [' ', ' data', 'data\n']],
    ['ASSAY_LOG_LEVEL', [' ', 'INFO', 'verbose', '30']],
    ['ASSAY_TRUST_PROXY', [' ', '1', 'yes', 'TRUE', 'true ']],
    [
      'ASSAY_WEBHOOK_NETWORKS',
      [' ', ',', '10.0.0.1', '10/8', '0x0a.0.0.0/8', '010.0.0.0/8', '10.0.0.0/33', '10.0.0.0/8,'],
    ],
  ])('%s that is none is refused in one line that names it', (name, values) => {
    for (const value of values) {
      const read = () => readConfig({ [name]: value })
      expect(read, value).toThrow(StartupError)
      expect(read, value).toThrow(`${name} is ${JSON.stringify(value)}: `)
      expect(read, value).not.toThrow('\n')
    }
  })

  test('an address of a database and a key are refused without being told', () => {
    const key = Buffer.alloc(32, 7).toString('base64')
    const wrong: Array<[string, string[]]> = [
      [
        'DATABASE_URL',
        [
          ' ',
          'mysql://secret@host/name',
          ' postgres://secret@host/name',
          'postgres://secret@host/name\n',
          'postgres://secret@host:abc/name',
          'postgres://secret@host:99999/name',
          'postgres://secret@host/name?port=secret',
        ],
      ],
      ['ASSAY_SECRET_KEY', [' ', `${key} `, `$${key}`, 'secret'.repeat(8), Buffer.alloc(32, 7).toString('hex')]],
    ]
    for (const [name, values] of wrong) {
      for (const value of values) {
        const read = () => readConfig({ [name]: value })
        expect(read, value).toThrow(`The setting ${name} must be `)
        expect(read, value).not.toThrow(/secret|\n/)
      }
    }
    for (const url of [
      'postgres://name:pass@host/base',
      'postgresql://[::1]:5433/base?host=%2Frun',
      'postgres:///base',
    ]) {
      expect(readConfig({ DATABASE_URL: url }).databaseUrl).toBe(url)
    }
  })
})

test('a server does not start with a pool that the database has no room for', async () => {
  const database = await cloneTemplate()
  const server = await ServerProcess.on({ DATABASE_URL: databaseUrl(database.owner), ASSAY_POOL_SIZE: '500' })
  const { code, output } = await server.startRefused()
  expect(code).toBe(1)
  const [, allowed, room] =
    output.match(
      /^assay: ASSAY_POOL_SIZE is 500; the database allows (\d+) connections, of which (\d+) are for the pool: 7 more serve jobs and long reading, and 10 are left to commands beside the server\.\n$/,
    ) ?? []
  expect(Number(room)).toBe(Number(allowed) - 17)
  await database.drop()
})
