import { describe, expect, it } from 'vitest'
import { createPoolChoices } from '../../db/pool-choices.ts'
import { poolRulesOf } from '../../db/pool-rules.ts'
import { PRESET_RULES } from '../../src/domain/pools/rules.ts'
import { databases, useDatabase } from './databases.ts'
import { addChat, NOW } from './store-kit.ts'

const WALLET = '7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU'

describe.each(databases)('what a chat chooses about pools on $name', (kind) => {
  const store = useDatabase(kind)
  const choices = () => createPoolChoices({ db: store.db, now: () => NOW })
  const token = (index: number) => ({ address: `t${index}`, symbol: `T${index}` })

  it('is off with the balanced preset until something is chosen, and asking stores nothing', async () => {
    await addChat(store.db, 1)
    expect(await choices().wishes(1)).toEqual({
      enabled: false,
      preset: 'balanced',
      rules: PRESET_RULES.balanced,
    })
    expect(await poolRulesOf(store.db, 1)).toBeNull()
  })

  it('goes to the topic where it was switched on last, and changes elsewhere leave it there', async () => {
    await addChat(store.db, 1)
    const topic = async () => (await poolRulesOf(store.db, 1))?.threadId
    const change = (threadId: number | null, enabled: boolean) =>
      choices().change({ chatId: 1, threadId }, (before) => ({ ...before, enabled }))
    await change(5, true)
    await change(6, true)
    expect(await topic()).toBe(5)
    await change(7, false)
    expect(await topic()).toBe(5)
    expect(await change(8, true)).toMatchObject({ enabled: true, preset: 'balanced' })
    expect(await topic()).toBe(8)
  })

  it('takes all tokens or none of them when there is no room', async () => {
    await addChat(store.db, 1)
    const many = Array.from({ length: 49 }, (_, index) => token(index))
    expect(await choices().addTokens(1, many)).toEqual({ added: 49 })
    expect(await choices().addTokens(1, [token(0), token(100), token(101)])).toBe('full')
    expect(await choices().tokens(1)).toHaveLength(49)
    expect(await choices().addTokens(1, [token(0), token(100), token(100)])).toEqual({ added: 1 })
    expect(await choices().addTokens(1, [{ address: 't0', symbol: 'New' }])).toEqual({ added: 0 })
    expect(await choices().tokens(1)).toContainEqual({ address: 't0', symbol: 'New' })
  })

  it('removes and clears the tokens of one chat only', async () => {
    for (const chatId of [1, 2]) {
      await addChat(store.db, chatId)
      await choices().addTokens(chatId, [token(1), token(2)])
    }
    expect(await choices().removeToken(1, 't1')).toBe(true)
    expect(await choices().removeToken(1, 't1')).toBe(false)
    expect(await choices().clearTokens(1)).toBe(1)
    expect(await choices().tokens(1)).toEqual([])
    expect(await choices().tokens(2)).toHaveLength(2)
  })

  it('keeps the label of a Solana wallet that is added again without one', async () => {
    await addChat(store.db, 1)
    const watch = (label: string | null) =>
      choices().watch({ chatId: 1, threadId: null, wallet: WALLET, label })
    expect(await watch('Main')).toBe('added')
    expect(await watch(null)).toBe('known')
    expect(await choices().wallets(1)).toEqual([{ wallet: WALLET, label: 'Main', ranges: [] }])
    await watch('Other')
    expect(await choices().wallets(1)).toMatchObject([{ label: 'Other' }])
    expect(await choices().unwatch(1, WALLET)).toBe(true)
    expect(await choices().unwatch(1, WALLET)).toBe(false)
  })
})
