import { describe, expect, it } from 'vitest'
import { createCachedMany } from '../../../src/chain/cached-many.ts'
import { entry, setUp } from './kit.ts'

describe('many values out of the cache', () => {
  it('holds also a value whose load was joined and failed after the others had begun', async () => {
    const { cache } = setUp()
    const many = createCachedMany<string>({ cache, entryOf: (key) => entry(key) })
    let failElsewhere: (error: Error) => void = () => undefined
    const elsewhere = cache.get(
      entry('b'),
      () =>
        new Promise<string>((_, reject) => {
          failElsewhere = reject
        }),
    )
    const failed = expect(elsewhere).rejects.toThrow('gave up')
    const loads: string[][] = []
    const found = await many(['a', 'b', 'c'], async (missing) => {
      loads.push([...missing])
      if (loads.length === 1) {
        failElsewhere(new Error('gave up'))
        await failed
      }
      return new Map([...missing].map((key) => [key, `value of ${key}`]))
    })
    expect(loads).toEqual([['a', 'c'], ['b']])
    expect([...found.keys()].sort()).toEqual(['a', 'b', 'c'])
  })
})
