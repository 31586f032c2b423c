import { describe, expect, it } from 'vitest'
import { NewestValue } from '../../src/shared/newest-value.ts'

function newest() {
  let ended = 0
  const values = new NewestValue<number>(() => ended++)
  return { values, ended: () => ended }
}

describe('NewestValue', () => {
  it('gives a slow reader the newest value, never a queue', async () => {
    const { values } = newest()
    for (let value = 1; value <= 10_000; value++) values.push(value)
    expect(await values.next()).toEqual({ done: false, value: 10_000 })
    const waiting = values.next()
    values.push(10_001)
    expect(await waiting).toEqual({ done: false, value: 10_001 })
  })

  it('ends for a reader that waits, and tells once', async () => {
    const { values, ended } = newest()
    const waiting = values.next()
    await values.return()
    await values.return()
    values.push(1)
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(await values.next()).toEqual({ done: true, value: undefined })
    expect(ended()).toBe(1)
  })

  it('fails in place of what was not read, and then is at its end', async () => {
    const { values, ended } = newest()
    values.push(1)
    values.fail(new Error('gone'))
    values.push(2)
    await expect(values.next()).rejects.toThrow('gone')
    expect(await values.next()).toEqual({ done: true, value: undefined })
    expect(ended()).toBe(1)
  })

  it('fails a reader that waits', async () => {
    const { values } = newest()
    const waiting = values.next()
    values.fail(new Error('gone'))
    await expect(waiting).rejects.toThrow('gone')
  })
})
