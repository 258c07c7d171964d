import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type OpenDatabase, openDatabase } from '../../db/database.ts'
import type { AlertKind } from '../../src/domain/alerting/transition.ts'
import { createVirtualClock, type VirtualClock } from '../unit/delivery/virtual-clock.ts'
import { createPost, type Post, RETRY_AFTER_MS } from './order-kit.ts'
import { NOW, outboxRows, wad } from './store-kit.ts'

const KINDS: readonly AlertKind[] = ['warning', 'critical', 'closed', 'liquidatable', 'blind', 'liquidated']

describe('the order in which alerts leave', () => {
  let open: OpenDatabase
  let clock: VirtualClock
  let post: Post

  beforeEach(async () => {
    clock = createVirtualClock(NOW)
    open = await openDatabase({ kind: 'sqlite', path: ':memory:' })
    post = createPost(open.db, clock)
  })
  afterEach(async () => {
    await open.close()
  })

  /** Alerts of every kind and many healths, in an order of no meaning, over so many chats of five topics each. */
  async function queueThousand(chats: number): Promise<void> {
    for (let index = 0; index < 1_000; index += 1) {
      await post.queue({
        chatId: 1 + (index % chats),
        threadId: 1 + (Math.floor(index / chats) % 5),
        kind: KINDS[(index * 7 + Math.floor(index / 11)) % KINDS.length] ?? 'warning',
        healthWad: 10n ** 16n * BigInt(20 + ((index * 37) % 130)),
      })
    }
  }

  it.each([
    { chats: 1_000, messages: 1_000 },
    { chats: 50, messages: 250 },
  ])(
    'is strictly by urgency with a thousand over $chats chats, whoever is refused',
    async ({ chats, messages }) => {
      await queueThousand(chats)
      await post.drain()
      expect(post.unfair).toEqual([])
      const refused = post.attempts.filter((attempt) => attempt.refused)
      expect(refused.length).toBe(Math.floor((messages + 42) / 100))
      const arrived = post.attempts.filter((attempt) => !attempt.refused)
      expect(arrived).toHaveLength(messages)
      expect(new Set(arrived.flatMap(({ rowIds }) => rowIds)).size).toBe(1_000)
      expect(new Set((await outboxRows(open.db)).map(({ state }) => state))).toEqual(new Set(['sent']))
      // A chat that was refused is left alone for exactly as long as it was asked, and then goes on.
      for (const { atMs, row } of refused) {
        const next = post.attempts.find((later) => later.row.chat_id === row.chat_id && later.atMs > atMs)
        expect((next?.atMs ?? 0) - atMs).toBeGreaterThanOrEqual(RETRY_AFTER_MS)
      }
      // Never more than the pace allows, and hardly less.
      for (const { atMs } of post.attempts) {
        const second = post.attempts.filter((other) => other.atMs >= atMs && other.atMs < atMs + 1_000)
        expect(second.length).toBeLessThanOrEqual(25)
      }
      const seconds = ((post.attempts.at(-1)?.atMs ?? 0) - NOW) / 1_000
      expect(seconds).toBeLessThan(messages / 25 + 15)
    },
  )

  it('puts what became urgent while others waited for their turn before them', async () => {
    for (let chatId = 1; chatId <= 40; chatId += 1) {
      await post.queue({ chatId, kind: 'warning', healthWad: wad('1.3') })
    }
    let urgent = 0
    const news = clock.pause(650).then(async () => {
      expect(post.attempts.length).toBeLessThan(40)
      urgent = await post.queue({ chatId: 99, kind: 'liquidated', healthWad: 0n })
    })
    await post.drain()
    await news
    const atMs = NOW + 650
    const next = post.attempts.find((attempt) => attempt.atMs >= atMs)
    expect(next?.row.id).toBe(urgent)
    expect(post.unfair).toEqual([])
    expect(post.attempts).toHaveLength(41)
  })
})
