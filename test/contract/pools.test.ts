import { describe, expect, it } from 'vitest'
import { moveChat, setChatState } from '../../db/chats.ts'
import {
  addPoolToken,
  duePoolChats,
  leastTvlUsd,
  MAX_TOKENS,
  poolRulesOf,
  poolTokensOf,
  postponePoolChats,
  removePoolToken,
  savePoolRules,
} from '../../db/pool-rules.ts'
import { poolStats } from '../../db/pool-stats.ts'
import { MAX_POOLS_KEPT, recordYields, yieldsOf } from '../../db/pool-yields.ts'
import { forgetOldTold, MAX_TOLD, markTold, poolsTold, TOLD_KEPT_MS } from '../../db/pools-told.ts'
import { transact } from '../../db/transact.ts'
import { PRESET_RULES, type Preset } from '../../src/domain/pools/rules.ts'
import type { Told } from '../../src/domain/pools/tell.ts'
import { databases, useDatabase } from './databases.ts'
import { addChat, NOW } from './store-kit.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

describe.each(databases)('what chats want and were told of pools on $name', (kind) => {
  const store = useDatabase(kind)

  async function rules(chatId: number, change: { preset?: Preset; enabled?: boolean; nowMs?: number } = {}) {
    const { preset = 'balanced', enabled = true, nowMs = NOW } = change
    await addChat(store.db, chatId)
    await transact(store.db, (tx) =>
      savePoolRules(tx, { chatId, threadId: null, enabled, preset, rules: PRESET_RULES[preset], nowMs }),
    )
  }

  function told(key: string, change: Partial<Told> = {}): Told {
    return { key, yieldPerYear: 0.123456789, score: 0.001, atMs: NOW, risen: false, ...change }
  }

  async function mark(chatId: number, marks: readonly Told[]): Promise<void> {
    await transact(store.db, (tx) => markTold(tx, { chatId, told: marks, isMessage: true, nowMs: NOW }))
  }

  const toldTo = async (chatId: number) => (await poolsTold(store.db, [chatId])).get(chatId)
  const due = async (nowMs = NOW, limit = 100) =>
    (await duePoolChats(store.db, { nowMs, limit })).map(({ chatId }) => chatId)

  it('gives rules back as they were saved, and changed ones keep what was told', async () => {
    await rules(1, { preset: 'degen' })
    await mark(1, [told('meteora:a')])
    await rules(1, { preset: 'careful', nowMs: NOW + 5 })
    expect(await poolRulesOf(store.db, 1)).toEqual({
      chatId: 1,
      threadId: null,
      enabled: true,
      preset: 'careful',
      rules: PRESET_RULES.careful,
      firstToldAtMs: NOW,
      dueAtMs: NOW + 5,
    })
    expect((await toldTo(1))?.size).toBe(1)
    expect(await poolRulesOf(store.db, 2)).toBeNull()
  })

  it('names the chats whose turn it is, the longest waiting first, and none that is off, stopped or not due', async () => {
    for (const chatId of [1, 2, 3, 4, 5]) await rules(chatId, { nowMs: NOW - chatId })
    await rules(4, { enabled: false })
    await setChatState(store.db, { chatId: 5, state: 'stopped' })
    expect(await due()).toEqual([3, 2, 1])
    expect(await due(NOW, 2)).toEqual([3, 2])
    await postponePoolChats(store.db, [{ chatId: 3, dueAtMs: NOW + HOUR_MS }])
    expect(await due()).toEqual([2, 1])
    expect(await due(NOW + HOUR_MS)).toEqual([2, 1, 3])
  })

  it('knows the lowest TVL that anybody asks for', async () => {
    expect(await leastTvlUsd(store.db)).toBeNull()
    await rules(1, { preset: 'careful' })
    expect(await leastTvlUsd(store.db)).toBe(100_000)
    await rules(2, { preset: 'degen' })
    expect(await leastTvlUsd(store.db)).toBe(1_000)
    await rules(2, { preset: 'degen', enabled: false })
    expect(await leastTvlUsd(store.db)).toBe(100_000)
  })

  it('keeps a list of tokens by address, to a limit, whatever they are called', async () => {
    await addChat(store.db, 1)
    const add = (address: string, symbol = 'T') =>
      transact(store.db, (tx) => addPoolToken(tx, { chatId: 1, address, symbol, nowMs: NOW }))
    for (let number = 0; number < MAX_TOKENS; number += 1) expect(await add(`m${number}`)).toBe(true)
    expect(await add('one more')).toBe(false)
    expect(await add('m3', '<b>\u202e')).toBe(true)
    const list = (await poolTokensOf(store.db, [1, 2])).get(1) ?? []
    expect(list).toHaveLength(MAX_TOKENS)
    expect(list.find(({ address }) => address === 'm3')?.symbol).toBe('<b>\u202e')
    expect(await removePoolToken(store.db, { chatId: 1, address: 'm3' })).toBe(true)
    expect(await removePoolToken(store.db, { chatId: 1, address: 'm3' })).toBe(false)
  })

  it('remembers exactly what was told, replaces it, and counts the first message once', async () => {
    await rules(1)
    await mark(1, [told('meteora:a', { risen: true }), told('morpho:b', { yieldPerYear: 0 })])
    expect(await toldTo(1)).toEqual(
      new Map([
        ['meteora:a', told('meteora:a', { risen: true })],
        ['morpho:b', told('morpho:b', { yieldPerYear: 0 })],
      ]),
    )
    await mark(1, [told('morpho:b', { yieldPerYear: 0.5, atMs: NOW + 1 })])
    expect((await toldTo(1))?.get('morpho:b')).toMatchObject({ yieldPerYear: 0.5, atMs: NOW + 1 })
    expect((await poolRulesOf(store.db, 1))?.firstToldAtMs).toBe(NOW)
  })

  it('takes a mark without a message for no message', async () => {
    await rules(1)
    await transact(store.db, (tx) =>
      markTold(tx, { chatId: 1, told: [told('a')], isMessage: false, nowMs: NOW }),
    )
    expect((await toldTo(1))?.has('a')).toBe(true)
    expect((await poolRulesOf(store.db, 1))?.firstToldAtMs).toBeNull()
  })

  it('remembers the newest of a chat only, and nothing for ever', async () => {
    await rules(1)
    const many = Array.from({ length: MAX_TOLD }, (_, index) =>
      told(`old${index}`, { atMs: NOW - 1_000 + index }),
    )
    await mark(1, many)
    await mark(1, [told('new', { atMs: NOW })])
    const kept = await toldTo(1)
    expect([kept?.size, kept?.has('new'), kept?.has('old0'), kept?.has('old1')]).toEqual([
      MAX_TOLD,
      true,
      false,
      true,
    ])
    expect(await forgetOldTold(store.db, { nowMs: NOW })).toBe(0)
    expect(await forgetOldTold(store.db, { nowMs: NOW + TOLD_KEPT_MS })).toBe(MAX_TOLD - 1)
  })

  it('goes with a group to its new id, and with a chat that is deleted', async () => {
    await rules(1)
    await mark(1, [told('a')])
    await transact(store.db, (tx) => addPoolToken(tx, { chatId: 1, address: 'm', symbol: 'M', nowMs: NOW }))
    await transact(store.db, (tx) => moveChat(tx, { from: 1, to: 2 }))
    expect((await poolRulesOf(store.db, 2))?.preset).toBe('balanced')
    expect((await toldTo(2))?.has('a')).toBe(true)
    expect((await poolTokensOf(store.db, [2])).get(2)).toEqual([{ address: 'm', symbol: 'M' }])
    await store.db.deleteFrom('chats').where('id', '=', 2).execute()
    expect(await poolStats(store.db)).toEqual({
      chats: 0,
      tokens: 0,
      told: 0,
      points: 0,
      wallets: 0,
      positions: 0,
    })
  })

  describe('the history of a yield', () => {
    const start = NOW - (NOW % HOUR_MS)
    const key = 'meteora:a'
    const record = (nowMs: number, yieldPerYear: number) =>
      transact(store.db, (tx) => recordYields(tx, { pools: [{ key, yieldPerYear, tvlUsd: 10.5 }], nowMs }))
    const history = async () => await yieldsOf(store.db, { key, sinceMs: 0 })

    it('has a point for every five minutes, the last one told in them', async () => {
      for (const [minute, value] of [0.1, 0.2, 0.3].entries()) await record(start + minute * 120_000, value)
      expect(await history()).toEqual([{ atMs: start, yieldPerYear: 0.3, tvlUsd: 10.5 }])
      await record(start + 300_000, 0.4)
      expect((await history()).map(({ yieldPerYear }) => yieldPerYear)).toEqual([0.3, 0.4])
    })

    it('thins to hours after a day and is gone after a month', async () => {
      for (let slot = 0; slot < 24; slot += 1) await record(start + slot * 300_000, slot)
      await record(start + 2 * DAY_MS, 99)
      expect((await history()).map(({ yieldPerYear }) => yieldPerYear)).toEqual([0, 12, 99])
      await record(start + 31 * DAY_MS, 100)
      expect((await history()).map(({ yieldPerYear }) => yieldPerYear)).toEqual([99, 100])
    })

    it('is kept of a bounded number of pools', async () => {
      const pools = Array.from({ length: MAX_POOLS_KEPT + 50 }, (_, index) => ({
        key: `p${index}`,
        yieldPerYear: 1,
        tvlUsd: null,
      }))
      await transact(store.db, (tx) => recordYields(tx, { pools, nowMs: NOW }))
      expect((await poolStats(store.db)).points).toBe(2 * MAX_POOLS_KEPT)
    })
  })
})
