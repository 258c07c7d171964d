import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LendingStrategy, LiquidatedEvent, LiquidationTold } from '../../../protocols/strategy.ts'
import {
  createDescribeLiquidations,
  type LiquidationSeen,
} from '../../../src/monitor/describe-liquidations.ts'
import { chainDoubleAt, hangs, ownerAt, readsAll, strategyDouble } from './kit.ts'

const TOLD: LiquidationTold = {
  marketName: 'Main',
  repaid: { symbol: 'USDC', amount: { amount: 5n, decimals: 6 } },
  seized: null,
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function seen(index: number): LiquidationSeen {
  const owner = ownerAt(index)
  const event = {
    kind: 'liquidated',
    owner,
    key: `euler:0xv/7:${owner}`,
    repaid: null,
    seized: null,
  } as const
  return { event, block: 100 + index, logIndex: index }
}

function bed(describeOne: (event: LiquidatedEvent) => Promise<LiquidationTold>, watched = 1_000) {
  let running = 0
  let most = 0
  let asked = 0
  const strategy: LendingStrategy = {
    ...strategyDouble('euler', readsAll),
    async describeLiquidation(event) {
      asked += 1
      running += 1
      most = Math.max(most, running)
      try {
        return await describeOne(event)
      } finally {
        running -= 1
      }
    },
  }
  const describeAll = createDescribeLiquidations({
    strategyCall: {
      async run(_, work) {
        try {
          return { ok: true, value: await work(chainDoubleAt(1)) }
        } catch {
          return { ok: false, reason: 'internal error' }
        }
      },
    },
    watchedAmong: (owners) => Promise.resolve(owners.filter((owner) => Number(owner) <= watched)),
  })
  return {
    tell: (all: readonly LiquidationSeen[]) => describeAll(strategy, all),
    asked: () => asked,
    most: () => most,
  }
}

describe('describing liquidations', () => {
  it('says what changed hands, and names the position by the key of the event', async () => {
    const [told] = await bed(() => Promise.resolve(TOLD)).tell([seen(1)])
    expect(told).toEqual({
      ref: {
        protocol: 'euler',
        key: `euler:0xv/7:${ownerAt(1)}`,
        owner: ownerAt(1),
        market: '0xv/7',
        marketName: 'Main',
      },
      liquidation: { block: 101, logIndex: 1, repaid: TOLD.repaid, seized: null },
    })
  })

  it('is not done for owners whom nobody watches', async () => {
    const { tell, asked } = bed(() => Promise.resolve(TOLD), 1)
    expect(await tell([seen(1), seen(2)])).toHaveLength(1)
    expect(asked()).toBe(1)
  })

  it('goes without what fails: the liquidation is told all the same', async () => {
    const { tell } = bed(({ owner }) =>
      owner === ownerAt(1) ? Promise.reject(new Error('a bug')) : Promise.resolve(TOLD),
    )
    const told = await tell([seen(1), seen(2)])
    expect(told.map(({ liquidation }) => liquidation.repaid)).toEqual([null, TOLD.repaid])
    expect(told[0]?.ref.marketName).toBe('euler')
  })

  it('takes five seconds at most, however many hang', async () => {
    const { tell, asked, most } = bed(({ owner }) => (owner === ownerAt(1) ? Promise.resolve(TOLD) : hangs()))
    const telling = tell(Array.from({ length: 40 }, (_, index) => seen(index + 1)))
    await vi.advanceTimersByTimeAsync(5_000)
    const told = await telling
    expect(told.map(({ liquidation }) => liquidation.repaid !== null)).toEqual([
      true,
      ...Array.from({ length: 39 }, () => false),
    ])
    expect([asked(), most()]).toEqual([6, 5])
  })

  it('asks about fifty of them at most, and tells all', async () => {
    const { tell, asked } = bed(() => Promise.resolve(TOLD))
    expect(await tell(Array.from({ length: 80 }, (_, index) => seen(index + 1)))).toHaveLength(80)
    expect(asked()).toBe(50)
  })
})
