import { describe, expect, it } from 'vitest'
import { addLpWallet, lpRangesOf, removeLpWallet } from '../../db/lp-wallets.ts'
import { savePoolRules } from '../../db/pool-rules.ts'
import { transact } from '../../db/transact.ts'
import { opportunityKey } from '../../src/domain/pools/opportunity.ts'
import { PRESET_RULES } from '../../src/domain/pools/rules.ts'
import { createLenders } from '../../src/pools/lenders.ts'
import { createRanges } from '../../src/pools/ranges.ts'
import { createPoolStore } from '../../src/wiring/pool-store.ts'
import { lendAt, supplyIn } from '../unit/domain/pools/lending-kit.ts'
import { databases, useDatabase } from './databases.ts'
import { CHAT, HOUR_MS, usePoolBed } from './pools-bed.ts'
import { addChat, addWatcher, NOW, outboxKeys } from './store-kit.ts'

const OWNER = '0x00000000000000000000000000000000000000cc'
const WALLET = 'So1anaWa11et'

describe.each(databases)('watching what people have on $name', (kind) => {
  const store = useDatabase(kind)
  const bed = usePoolBed(store)
  const here = { ...lendAt({ id: 'here', rate: 0.04 }), seenAtMs: NOW }
  const there = { ...lendAt({ id: 'there', rate: 0.08 }), seenAtMs: NOW }

  function lends(valueUsd: number): void {
    bed.lending = [here, there]
    bed.deposits = [{ key: opportunityKey(here), supply: supplyIn(here, valueUsd) }]
  }

  it('advises a move once, with its gain and when it has paid for itself', async () => {
    bed.fake.serve([])
    lends(36_500)
    await bed.wants()
    await addWatcher(store.db, { chatId: CHAT, owner: OWNER, label: 'Main' })
    await bed.round()
    const texts = await bed.sendAll()
    expect(texts).toEqual([expect.stringContaining('💱 Main · 4.00 % → 8.00 % · +$4.00 a day')])
    expect(texts[0]).toContain('If the move costs $0.50, it has paid for itself after 3 hours.')
    for (let round = 0; round < 8; round += 1) await bed.round()
    expect(await bed.sendAll()).toEqual([])
  })

  it('advises nobody who has not asked to hear of opportunities', async () => {
    bed.fake.serve([])
    lends(36_500)
    await addWatcher(store.db, { chatId: CHAT, owner: OWNER, label: 'Main' })
    await bed.round()
    expect(await outboxKeys(store.db)).toEqual([])
  })

  it('tells a lender once that the market runs dry, and that it is over', async () => {
    await bed.wants()
    await addWatcher(store.db, { chatId: CHAT, owner: OWNER, label: 'Main' })
    lends(1_000)
    let nowMs = NOW
    const pools = createPoolStore({ db: store.db, now: () => nowMs })
    const look = async (utilisation: number): Promise<string[]> => {
      nowMs += HOUR_MS
      bed.nowMs = nowMs
      const depositsOf = () => bed.deposits
      const watch = createLenders({
        ...pools.lenders,
        watchers: () => pools.watchers(),
        paused: () => pools.paused(),
        depositsOf,
        onQueued: () => undefined,
      })
      const market = { ...here, seenAtMs: nowMs, lending: { ...here.lending, utilisation } }
      await watch([market])
      return bed.sendAll()
    }
    expect(await look(0.5)).toEqual([])
    expect(await look(0.99)).toEqual([expect.stringContaining('🟠 Main · Euler USDC · here · running dry')])
    expect(await look(0.99)).toEqual([])
    expect(await look(0.5)).toEqual([])
    expect(await look(0.5)).toEqual([expect.stringContaining('enough is left again')])
  })

  it('tells a lender once that the rate fell below the line of the chat, and that it is above again', async () => {
    await bed.wants()
    await addWatcher(store.db, { chatId: CHAT, owner: OWNER, label: 'Main' })
    lends(1_000)
    const pools = createPoolStore({ db: store.db, now: () => bed.nowMs })
    const watch = createLenders({
      ...pools.lenders,
      watchers: () => pools.watchers(),
      paused: () => pools.paused(),
      depositsOf: () => bed.deposits,
      onQueued: () => undefined,
    })
    const look = async (rate: number): Promise<string[]> => {
      bed.nowMs += HOUR_MS
      const yieldPerYear = { base: rate, reward: 0, fee: 0, total: rate }
      await watch([{ ...here, seenAtMs: bed.nowMs, yieldPerYear }])
      return bed.sendAll()
    }
    // Nobody has drawn a line yet.
    expect(await look(0.01)).toEqual([])
    const rules = { preset: 'balanced', rules: { ...PRESET_RULES.balanced, lendLine: 0.03 } } as const
    await transact(store.db, (tx) =>
      savePoolRules(tx, { chatId: CHAT, threadId: null, enabled: true, ...rules, nowMs: bed.nowMs }),
    )
    const [low] = await look(0.02)
    expect(low).toMatch(/Main · Euler USDC · here/)
    expect(low).toContain('2.00 %')
    expect(low).toContain('3.00 %')
    expect(await look(0.02)).toEqual([])
    expect(await look(0.05)).toEqual([])
    expect(await look(0.05)).toHaveLength(1)
  })

  async function rangeBed() {
    await addChat(store.db, CHAT)
    const added = { chatId: CHAT, wallet: WALLET, label: 'Sol', threadId: null, nowMs: NOW }
    await transact(store.db, (tx) => addLpWallet(tx, added))
    const poolStore = createPoolStore({ db: store.db, now: () => bed.nowMs })
    const at = { active: 50 as number | Error, meanwhile: () => Promise.resolve() }
    const ranges = createRanges({
      ...poolStore.ranges,
      paused: () => poolStore.paused(),
      positions: async () => {
        await at.meanwhile()
        if (at.active instanceof Error) throw at.active
        const bins = { lower: 0, upper: 100, active: at.active, outOfRange: null }
        const facts = { position: 'P1', pool: 'pool', name: 'SOL-USDC', link: 'https://app.example' }
        return { positions: [{ ...facts, bins, poolValueUsd: 10, poolUnclaimedUsd: 1 }], gaps: null }
      },
      now: () => bed.nowMs,
      onQueued: () => undefined,
      onTrouble: () => undefined,
      onError: () => undefined,
    })
    const look = async (active: number | Error): Promise<string[]> => {
      at.active = active
      bed.nowMs += HOUR_MS
      await ranges.refresh(new AbortController().signal)
      return bed.sendAll()
    }
    return { at, look, ranges }
  }

  it('tells of a position that leaves its range once, and once that it is back', async () => {
    const { look, ranges } = await rangeBed()
    expect(await look(50)).toEqual([])
    expect(await look(150)).toEqual([expect.stringContaining('🔴 Sol · SOL-USDC · out of range')])
    expect(await look(151)).toEqual([])
    // On its very edge it may be gone again with the next trade.
    expect(await look(100)).toEqual([])
    expect(await look(50)).toEqual([expect.stringContaining('🟢 Sol · SOL-USDC · back')])
    expect([...ranges.poolsOf(CHAT)]).toEqual(['pool'])
  })

  it('tells nothing and forgets nothing when the positions cannot be read', async () => {
    const { look } = await rangeBed()
    await look(150)
    expect(await look(new Error('HTTP 503'))).toEqual([])
    expect((await lpRangesOf(store.db, { chatId: CHAT, wallet: WALLET })).get('P1')?.range).toBe('out')
    expect(await look(150)).toEqual([])
  })

  it('tells nothing of a wallet that was removed while it was looked at', async () => {
    const { at, look } = await rangeBed()
    at.meanwhile = async () => {
      await removeLpWallet(store.db, { chatId: CHAT, wallet: WALLET })
    }
    expect(await look(150)).toEqual([])
    expect(await outboxKeys(store.db)).toEqual([])
  })
})
