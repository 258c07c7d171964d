import { describe, expect, it } from 'vitest'
import type { PoolSnapshot, PoolSource, Suspect } from '../../../protocols/strategy.ts'
import type { Opportunity } from '../../../src/domain/pools/opportunity.ts'
import { createPoolRefresh } from '../../../src/pools/refresh.ts'
import { aLoan, aPool, NOW_MS } from '../domain/pools/kit.ts'

function snapshot(opportunities: readonly Opportunity[], atMs = NOW_MS): PoolSnapshot {
  return { kind: 'snapshot', opportunities, atMs, skipped: 0, cut: 0 }
}

/** Sources that answer what they are told to, and what came of it. */
function createBed() {
  const answers: Record<'meteora' | 'morpho', PoolSnapshot | Suspect | Error> = {
    meteora: snapshot([aPool()]),
    morpho: snapshot([aLoan(0.2)]),
  }
  const told: string[][] = []
  const suspects: string[] = []
  const errors: unknown[] = []
  const source = (id: 'meteora' | 'morpho'): PoolSource => ({
    id,
    refresh: () => {
      const answer = answers[id]
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
    },
  })
  const pools = createPoolRefresh({
    sources: [source('meteora'), source('morpho')],
    now: () => NOW_MS,
    clock: () => 0,
    onSuspect: ({ source: id, reason }) => suspects.push(`${id}: ${reason}`),
    onError: (error) => errors.push(error),
    onSnapshot: ({ index }) => {
      told.push(index.all.map(({ opportunity }) => opportunity.id).sort())
      return Promise.resolve()
    },
  })
  const round = () => pools.refresh(new AbortController().signal)
  const shown = () =>
    pools
      .latest()
      ?.index.all.map(({ opportunity }) => opportunity.id)
      .sort()
  return { answers, told, suspects, errors, pools, round, shown }
}

describe('the shared snapshot', () => {
  it('is of all sources together', async () => {
    const bed = createBed()
    expect(bed.pools.latest()).toBeNull()
    await bed.round()
    expect([bed.shown(), bed.told]).toEqual([['pool', 'vault'], [['pool', 'vault']]])
  })

  it('keeps the last good answer of a source that is suspect, with its age, and tells nothing of it', async () => {
    const bed = createBed()
    await bed.round()
    bed.answers.meteora = { kind: 'suspect', reason: 'an empty list' }
    bed.answers.morpho = snapshot([aLoan(0.3)], NOW_MS + 300_000)
    await bed.round()
    expect(bed.shown()).toEqual(['pool', 'vault'])
    expect(bed.told[1]).toEqual(['vault'])
    expect(bed.suspects).toEqual(['meteora: an empty list'])
    expect(bed.pools.latest()?.sources).toMatchObject([
      { source: 'meteora', atMs: NOW_MS, suspect: 'an empty list' },
      { source: 'morpho', atMs: NOW_MS + 300_000, suspect: null },
    ])
  })

  it('tells nothing at all when no source is good', async () => {
    const bed = createBed()
    bed.answers.meteora = { kind: 'suspect', reason: 'HTTP 503' }
    bed.answers.morpho = new Error('a bug')
    await bed.round()
    expect([bed.told, bed.shown(), bed.errors.length]).toEqual([[], [], 1])
    expect(bed.suspects).toEqual(['meteora: HTTP 503', 'morpho: it failed'])
  })

  it('is good again with the next good answer', async () => {
    const bed = createBed()
    bed.answers.meteora = { kind: 'suspect', reason: 'HTTP 503' }
    await bed.round()
    bed.answers.meteora = snapshot([aPool({ id: 'other' })])
    await bed.round()
    expect(bed.told).toEqual([['vault'], ['other', 'vault']])
    expect(bed.pools.latest()?.sources[0]?.suspect).toBeNull()
  })

  it('stops', async () => {
    const bed = createBed()
    bed.pools.start()
    await bed.pools.stop()
    expect(bed.told.length).toBeLessThanOrEqual(1)
  })
})
