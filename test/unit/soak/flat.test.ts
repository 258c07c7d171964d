import { describe, expect, it } from 'vitest'
import { judge } from '../../soak/flat.ts'
import type { Sample } from '../../soak/sample.ts'

const MEGABYTE = 2 ** 20
const COUNT = 60

function sampleAt(index: number, change: Partial<Sample> = {}): Sample {
  return {
    atMs: index * 10_000,
    rss: 200 * MEGABYTE,
    heap: 50 * MEGABYTE,
    external: 5 * MEGABYTE,
    handles: 40,
    files: 45,
    database: 5 * MEGABYTE,
    rows: { outbox: 400, chats: 10 },
    overdue: 0,
    late: { p50: 1, p99: 20, max: 60 },
    busy: { p50: 1, p99: 15, max: 40 },
    ...change,
  }
}

/** Names of what is not flat. */
function growing(change: (index: number) => Partial<Sample>): string[] {
  const samples = Array.from({ length: COUNT }, (_, index) => sampleAt(index, change(index)))
  return judge(samples).flatMap(({ name, flat }) => (flat ? [] : [name]))
}

describe('whether a product stays the same', () => {
  it('is content with one that does, whatever happened in the warm-up', () => {
    expect(growing((index) => (index < COUNT / 3 ? { rss: index * 50 * MEGABYTE, overdue: 9 } : {}))).toEqual(
      [],
    )
  })

  it('names each figure that grows', () => {
    expect(growing((index) => ({ rss: (200 + index * 2) * MEGABYTE }))).toEqual(['resident memory'])
    expect(growing((index) => ({ heap: (50 + index) * MEGABYTE }))).toEqual(['heap'])
    expect(growing((index) => ({ files: 45 + index }))).toEqual(['open files'])
    expect(growing((index) => ({ rows: { outbox: 400, chats: index * 20 } }))).toEqual(['rows but alerts'])
    expect(growing(() => ({ overdue: 1 }))).toEqual(['alerts not forgotten'])
    expect(growing(() => ({ busy: { p50: 1, p99: 15, max: 900 } }))).toEqual(['loop busy, longest'])
  })

  it('takes peaks of handles for what they are while quiet moments stay quiet', () => {
    const peaks = (base: number) => (index: number) => ({ handles: index % 3 === 0 ? base : base + index })
    expect(growing(peaks(40))).toEqual([])
    expect(growing((index) => ({ handles: 40 + Math.floor(index / 2) + (index % 3) }))).toEqual(['handles'])
  })
})
