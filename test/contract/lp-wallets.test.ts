import { describe, expect, it } from 'vitest'
import { moveChat, setChatState } from '../../db/chats.ts'
import {
  addLpWallet,
  dueLpWallets,
  lpRangesOf,
  lpWalletsOf,
  MAX_LP_WALLETS,
  removeLpWallet,
  saveLpRanges,
} from '../../db/lp-wallets.ts'
import { transact } from '../../db/transact.ts'
import type { RangeState } from '../../src/domain/pools/range.ts'
import { databases, useDatabase } from './databases.ts'
import { addChat, NOW } from './store-kit.ts'

const DAY_MS = 86_400_000

describe.each(databases)('watched wallets with positions in pools on $name', (kind) => {
  const store = useDatabase(kind)

  async function add(wallet: string, chatId = 1): Promise<string> {
    await addChat(store.db, chatId)
    return await transact(store.db, (tx) =>
      addLpWallet(tx, { chatId, wallet, label: null, threadId: null, nowMs: NOW }),
    )
  }
  async function save(ranges: Record<string, RangeState>, nowMs = NOW): Promise<void> {
    const change = { chatId: 1, wallet: 'w', dueAtMs: nowMs + 60_000, nowMs }
    await transact(store.db, (tx) => saveLpRanges(tx, { ...change, ranges: new Map(Object.entries(ranges)) }))
  }
  const ranges = (chatId = 1) => lpRangesOf(store.db, { chatId, wallet: 'w' })
  const out: RangeState = { range: 'out', unknownSinceMs: null, unknownTold: false }
  const unknown: RangeState = { range: 'near', unknownSinceMs: NOW, unknownTold: true }

  it('are added once, up to a limit', async () => {
    expect([await add('w'), await add('w')]).toEqual(['added', 'known'])
    for (let number = 1; number < MAX_LP_WALLETS; number += 1) await add(`w${number}`)
    expect([await add('more'), await add('w')]).toEqual(['full', 'known'])
    expect(await lpWalletsOf(store.db, 1)).toHaveLength(MAX_LP_WALLETS)
  })

  it('keep where each position stands, and are due again later', async () => {
    await add('w')
    await save({ a: out, b: unknown })
    expect(await ranges()).toEqual(
      new Map([
        ['a', out],
        ['b', unknown],
      ]),
    )
    await save({ a: unknown })
    expect((await ranges()).get('a')).toEqual(unknown)
    expect(await dueLpWallets(store.db, { nowMs: NOW, limit: 9 })).toEqual([])
    expect(await dueLpWallets(store.db, { nowMs: NOW + 60_000, limit: 9 })).toHaveLength(1)
  })

  it('forget a position that was not seen for a week', async () => {
    await add('w')
    await save({ a: out, b: out })
    await save({ a: out }, NOW + 8 * DAY_MS)
    expect([...(await ranges()).keys()]).toEqual(['a'])
  })

  it('that were removed meanwhile are not written about, and their positions go with them', async () => {
    await add('w')
    await save({ a: out })
    expect(await removeLpWallet(store.db, { chatId: 1, wallet: 'w' })).toBe(true)
    expect((await ranges()).size).toBe(0)
    await save({ a: out })
    expect((await ranges()).size).toBe(0)
    expect(await removeLpWallet(store.db, { chatId: 1, wallet: 'w' })).toBe(false)
  })

  it('of a chat that is stopped are not looked at', async () => {
    await add('w')
    await setChatState(store.db, { chatId: 1, state: 'stopped' })
    expect(await dueLpWallets(store.db, { nowMs: NOW, limit: 9 })).toEqual([])
  })

  it('go with a group to its new id, with what is known of their positions', async () => {
    await add('w')
    await save({ a: out })
    await transact(store.db, (tx) => moveChat(tx, { from: 1, to: 2 }))
    expect(await lpWalletsOf(store.db, 2)).toHaveLength(1)
    expect((await ranges(2)).get('a')).toEqual(out)
  })
})
