import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { keptKey } from '../../src/server/kept-key.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-key-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the key that seals secrets', () => {
  test('is made once beside the embedded database, for nobody else to read', () => {
    const key = keptKey({ folder })
    expect(key).toHaveLength(32)
    expect(keptKey({ folder })).toEqual(key)
    expect(statSync(join(folder, 'secret.key')).mode & 0o777).toBe(0o600)
    expect(Buffer.from(readFileSync(join(folder, 'secret.key'), 'utf8'), 'base64')).toEqual(key)
  })

  test('is not made up where the file is damaged, nor for a served database', () => {
    writeFileSync(join(folder, 'secret.key'), 'short')
    expect(() => keptKey({ folder })).toThrow('does not hold 32 bytes')
    expect(keptKey({ folder: null })).toBeNull()
  })

  test('comes from the environment, whole', () => {
    const key = Buffer.alloc(32, 7)
    expect(readConfig({ ASSAY_SECRET_KEY: key.toString('base64') }).secretKey).toEqual(key)
    expect(readConfig({}).secretKey).toBeNull()
    const short = key.subarray(1).toString('base64')
    expect(() => readConfig({ ASSAY_SECRET_KEY: short })).toThrow('must be 32 bytes in base64')
    // A key, even a wrong one, is not for logs.
    expect(() => readConfig({ ASSAY_SECRET_KEY: short })).not.toThrow(short)
  })
})

describe('networks that webhooks may reach', () => {
  test('are a list, checked at the start', () => {
    expect(readConfig({}).webhookNetworks).toEqual([])
    expect(readConfig({ ASSAY_WEBHOOK_NETWORKS: '10.0.0.0/8, fd00::/8' }).webhookNetworks).toEqual([
      '10.0.0.0/8',
      'fd00::/8',
    ])
    expect(() => readConfig({ ASSAY_WEBHOOK_NETWORKS: '10.0.0.1' })).toThrow('must be networks such as')
  })
})
