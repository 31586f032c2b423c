import { expect, it } from 'vitest'
import { onceEach } from '../../src/shared/once-each.ts'

it('loads each distinct request once and answers all, in their order', async () => {
  const loaded: Array<readonly number[]> = []
  const answers = await onceEach([3, 1, 3, 2, 1], String, async (distinct) => {
    loaded.push(distinct)
    return distinct.map((request) => request * 10)
  })
  expect(answers).toEqual([30, 10, 30, 20, 10])
  expect(loaded).toEqual([[3, 1, 2]])
})
