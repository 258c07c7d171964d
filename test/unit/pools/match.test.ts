import { describe, expect, it } from 'vitest'
import { opportunityKey } from '../../../src/domain/pools/opportunity.ts'
import { type PoolRules, PRESET_RULES, PRESETS } from '../../../src/domain/pools/rules.ts'
import { isFor, MOST_MATCHES, matchChats, type Wants } from '../../../src/pools/match.ts'
import { buildIndex } from '../../../src/pools/pool-index.ts'
import { createSlices } from '../../../src/pools/slices.ts'
import { tellPools } from '../../../src/pools/tell.ts'
import { createDice } from '../../fakes/meteora/universe.ts'
import { aLoan, aPool, NOW_MS, SOL } from '../domain/pools/kit.ts'

const never = () => undefined

/** Pools of a few tokens with all kinds of figures, some of one token with itself, and lending. */
function somePools(count: number, seed: number) {
  const dice = createDice(seed)
  const token = () => {
    const number = Math.floor(dice() * 8)
    return { address: number === 0 ? SOL : `T${number}`, symbol: 'S', verified: dice() > 0.3 }
  }
  return Array.from({ length: count }, (_, index) =>
    index % 10 === 0
      ? aLoan(dice(), { id: `l${index}`, tokens: [token()] })
      : aPool({ id: `p${index}`, tokens: [token(), token()], tvlUsd: 10 ** (3 + 3 * dice()) }, dice() / 20),
  )
}

async function matched(pools: ReturnType<typeof somePools>, chats: readonly Wants[]) {
  const index = await buildIndex(pools, never)
  const found = new Map<number, string[]>()
  const remember = ({ chatId }: Wants, ranked: readonly { opportunity: (typeof pools)[number] }[]) => {
    found.set(
      chatId,
      ranked.map(({ opportunity }) => opportunityKey(opportunity)),
    )
  }
  await matchChats({ index, giveWay: never, found: remember }, chats)
  return { index, found }
}

describe('the index', () => {
  it('finds for every chat what a scan of all pools finds, best first', async () => {
    const dice = createDice(5)
    const pools = somePools(400, 3)
    const chats = Array.from({ length: 60 }, (_, chatId): Wants => {
      const rules: PoolRules = PRESET_RULES[PRESETS[chatId % 3] ?? 'degen']
      const tokens = new Set(Array.from({ length: chatId % 4 }, () => `T${Math.floor(dice() * 9)}`))
      return {
        chatId,
        tokens: [...tokens],
        rules: { ...rules, minFees30mUsd: 0, sides: chatId % 2 ? 'any' : 'both' },
      }
    })
    const { index, found } = await matched(pools, chats)
    expect(found.size).toBe(60)
    for (const chat of chats) {
      const scan = index.all.filter(({ opportunity }) => isFor(opportunity, chat))
      expect(found.get(chat.chatId)).toEqual(
        scan.slice(0, MOST_MATCHES).map(({ opportunity }) => opportunityKey(opportunity)),
      )
    }
    expect([...found.values()].some((list) => list.length > 20)).toBe(true)
  })

  it('sorts long lists by score and leaves out what has none', async () => {
    const pools = [...somePools(9_000, 4), aLoan(0, { id: 'nothing' })]
    const { all } = await buildIndex(pools, never)
    expect(all).toHaveLength(9_000)
    const scores = all.map(({ score }) => score.score)
    expect(scores).toEqual([...scores].sort((a, b) => b - a))
  })

  it('holds a pool of one token with itself once', async () => {
    const { byToken } = await buildIndex(
      [aPool({ tokens: [0, 1].map(() => ({ address: SOL, symbol: 'SOL', verified: true })) })],
      never,
    )
    expect(byToken.get(SOL)).toHaveLength(1)
  })

  it('lets other work have its turn while it is built', async () => {
    let time = 0
    const giveWay = createSlices(() => {
      time += 1
      return time
    })
    let turns = 0
    const timer = setInterval(() => {
      turns += 1
    }, 0)
    await buildIndex(somePools(3_000, 6), giveWay)
    clearInterval(timer)
    expect(turns).toBeGreaterThan(0)
  })
})

describe('a refresh', () => {
  it('makes at most one message per chat, and none for a chat with nothing new', async () => {
    const index = await buildIndex([aLoan(0.2, { id: 'a' }), aLoan(0.3, { id: 'b' })], never)
    const base = {
      rules: PRESET_RULES.balanced,
      tokens: [],
      has: { yieldPerYear: null, keys: new Set<string>() },
    }
    const told = new Map(
      ['morpho:a', 'morpho:b'].map((key) => [
        key,
        { key, yieldPerYear: 0.3, score: 1, atMs: 0, risen: false },
      ]),
    )
    const messages = await tellPools({ index, nowMs: NOW_MS, clock: () => 0 }, [
      { chatId: 1, ...base, told: new Map(), first: true },
      { chatId: 2, ...base, told, first: false },
      { chatId: 3, ...base, told: new Map([...told].slice(0, 1)), first: false },
    ])
    expect(messages.map(({ chatId, telling }) => [chatId, telling.told.map(({ key }) => key)])).toEqual([
      [1, ['morpho:b', 'morpho:a']],
      [3, ['morpho:b']],
    ])
  })
})
