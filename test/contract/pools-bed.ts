import { afterAll, beforeAll, beforeEach } from 'vitest'
import { claim } from '../../db/outbox-claim.ts'
import { recoverSending, type Settlement, settle } from '../../db/outbox-settle.ts'
import { savePoolRules } from '../../db/pool-rules.ts'
import type { PoolWatcher } from '../../db/pool-watchers.ts'
import { poolsTold } from '../../db/pools-told.ts'
import type { Database } from '../../db/schema.ts'
import { transact } from '../../db/transact.ts'
import { createMeteora } from '../../protocols/meteora/index.ts'
import type { PoolSource } from '../../protocols/strategy.ts'
import { type Api, createApi } from '../../src/chain/api.ts'
import type { Delivery } from '../../src/domain/delivery.ts'
import type { PoolsPayload } from '../../src/domain/pools/message.ts'
import type { Opportunity } from '../../src/domain/pools/opportunity.ts'
import { PRESET_RULES } from '../../src/domain/pools/rules.ts'
import type { Deposit } from '../../src/pools/holdings.ts'
import { createPoolRefresh } from '../../src/pools/refresh.ts'
import { createPoolRound } from '../../src/pools/round.ts'
import { deliveryView } from '../../src/views/delivery.ts'
import { fittingTelling } from '../../src/views/pools/opportunities.ts'
import { createPoolStore } from '../../src/wiring/pool-store.ts'
import { createFakeMeteora, type FakeMeteora } from '../fakes/meteora/index.ts'
import { aPool, type FakePool, type PoolPlan } from '../fakes/meteora/universe.ts'
import { addChat, NOW } from './store-kit.ts'

export const HOUR_MS = 3_600_000
export const CHAT = 7
const MONTH_MS = 30 * 24 * HOUR_MS

/** A sound pool with 1 % of fees a day. */
export function soundPool(number: number, change: Partial<PoolPlan> = {}): FakePool {
  return aPool({ number, tvl: 200_000, feesPerDay: 0.01, createdAtMs: NOW - MONTH_MS, ...change })
}

/** The rounds about opportunities over a real database and the double of Meteora, step by step. */
export interface PoolBed {
  readonly fake: FakeMeteora
  readonly errors: unknown[]
  /** What is read from lending, besides the double. */
  lending: readonly Opportunity[]
  deposits: readonly Deposit[]
  nowMs: number
  wants(chatId?: number): Promise<void>
  round(): Promise<void>
  /** The next message on its way; `undefined` when there is none. */
  next(): Promise<Delivery | undefined>
  settle(delivery: Delivery, settlement: Settlement): Promise<void>
  /** Sends what is ready; what it says. */
  sendAll(): Promise<string[]>
  /** Keys of what is marked as told. */
  told(chatId?: number): Promise<string[]>
  recover(): Promise<number>
}

export function usePoolBed(store: { readonly db: Database }): PoolBed {
  let fake: FakeMeteora
  let api: Api
  let refresh: ReturnType<typeof createPoolRefresh>
  const bed: PoolBed = {
    get fake() {
      return fake
    },
    errors: [],
    lending: [],
    deposits: [],
    nowMs: NOW,
    async wants(chatId = CHAT) {
      await addChat(store.db, chatId)
      const rules = { preset: 'balanced', rules: PRESET_RULES.balanced } as const
      await transact(store.db, (tx) =>
        savePoolRules(tx, { chatId, threadId: null, enabled: true, ...rules, nowMs: bed.nowMs }),
      )
    },
    async round() {
      // Every chat has its turn each time: its interval is an hour.
      bed.nowMs += HOUR_MS
      await refresh.refresh(new AbortController().signal)
    },
    next: () =>
      claim(store.db, { nowMs: bed.nowMs, newDeliveryId: `D${bed.nowMs}`, exceptChats: [], leaseToken: 1 }),
    settle: (delivery, settlement) => settle(store.db, { delivery, settlement, nowMs: bed.nowMs }),
    async sendAll() {
      const texts: string[] = []
      for (;;) {
        const delivery = await bed.next()
        if (!delivery) return texts
        texts.push(textOf(delivery, bed.nowMs))
        await bed.settle(delivery, { kind: 'sent', messageId: texts.length })
      }
    },
    told: async (chatId = CHAT) =>
      [...((await poolsTold(store.db, [chatId])).get(chatId)?.keys() ?? [])].sort(),
    recover: () => recoverSending(store.db, 2),
  }

  beforeAll(async () => {
    fake = await createFakeMeteora()
  })
  beforeEach(() => {
    Object.assign(bed, { nowMs: NOW, lending: [], deposits: [] })
    bed.errors.length = 0
    fake.set({ kind: 'ok' })
    const limits = { requestsPerSecond: 1_000, timeoutMs: 5_000, maxBytes: 16_000_000, name: 'the double' }
    api = createApi({ ...limits, url: fake.url, now: () => bed.nowMs, random: () => 0 })
    const now = () => bed.nowMs
    const meteora = createMeteora({ url: fake.url, api, leastTvlUsd: () => 1_000, now })
    const poolStore = createPoolStore({ db: store.db, now })
    const round = createPoolRound({
      store: poolStore.round,
      watchers: () => poolStore.watchers(),
      depositsOf: (owner: PoolWatcher['owner']) =>
        bed.deposits.filter(({ supply }) => supply.owner === owner),
      poolsOf: () => new Set(),
      fit: fittingTelling,
      now,
      clock: () => 0,
      onQueued: () => undefined,
    })
    const lendingSource: PoolSource = {
      id: 'euler',
      refresh: () =>
        Promise.resolve({
          kind: 'snapshot',
          opportunities: bed.lending,
          atMs: bed.nowMs,
          skipped: 0,
          cut: 0,
        }),
    }
    refresh = createPoolRefresh({
      sources: [meteora.pools, lendingSource],
      now,
      clock: () => 0,
      onSuspect: () => undefined,
      onError: (error) => bed.errors.push(error),
      onSnapshot: async (snapshot, signal) => {
        await poolStore.record(snapshot)
        await round(snapshot, signal)
      },
    })
  })
  afterAll(async () => {
    await api.stop()
    await fake.stop()
  })
  return bed
}

export function payloadOf({ content }: Delivery): PoolsPayload {
  if (content.kind !== 'message') throw new Error('no message about opportunities')
  return content.payload as PoolsPayload
}

export function textOf(delivery: Delivery, nowMs: number): string {
  return deliveryView(delivery, { nowMs, plain: false, appUrlOf: () => null }).body.text
}
