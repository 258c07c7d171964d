import { describe, expect, it } from 'vitest'
import { moveChat } from '../../db/chats.ts'
import { openPairing, pair, secondChatOf, unpair, unpairFirsts } from '../../db/pairings.ts'
import { transact } from '../../db/transact.ts'
import { watchersOf } from '../../db/watchers.ts'
import { PAIRING_MS } from '../../src/domain/pairing.ts'
import { databases, useDatabase } from './databases.ts'
import { addChat, addWatcher, NOW, ownerOf, queueAlert } from './store-kit.ts'

const FIRST = 1
const SECOND = 2
const THIRD = 3

describe.each(databases)('the pairing of a second chat on $name', (kind) => {
  const store = useDatabase(kind)

  async function open(code: string, { chatId = FIRST, nowMs = NOW } = {}): Promise<void> {
    await addChat(store.db, chatId)
    await transact(store.db, (tx) => openPairing(tx, { chatId, code, nowMs }))
  }

  async function type(code: string, { chatId = SECOND, nowMs = NOW } = {}): Promise<unknown> {
    await addChat(store.db, chatId)
    return transact(store.db, (tx) => pair(tx, { chatId, code, nowMs }))
  }

  it('makes the chat where the code is typed the second one, once', async () => {
    await addWatcher(store.db, { chatId: FIRST, owner: ownerOf(1) })
    await open('AAAAAAAA')
    expect(await type('AAAAAAAA')).toEqual({ kind: 'paired', firstId: FIRST })
    expect(await type('AAAAAAAA', { chatId: THIRD })).toEqual({ kind: 'unknown' })
    const [watcher] = await watchersOf(store.db, [ownerOf(1)])
    expect(watcher).toMatchObject({ escalateTo: SECOND, rules: { escalates: true } })
  })

  it('knows a code for a quarter of an hour', async () => {
    await open('AAAAAAAA')
    expect(await type('AAAAAAAA', { nowMs: NOW + PAIRING_MS })).toEqual({ kind: 'unknown' })
    expect(await type('AAAAAAAA', { nowMs: NOW + PAIRING_MS - 1 })).toMatchObject({ kind: 'paired' })
  })

  it('knows only the last code of a chat, and keeps the codes of others', async () => {
    await open('AAAAAAAA')
    await open('CCCCCCCC', { chatId: THIRD })
    await open('BBBBBBBB')
    expect(await type('AAAAAAAA')).toEqual({ kind: 'unknown' })
    expect(await type('BBBBBBBB')).toEqual({ kind: 'paired', firstId: FIRST })
    expect(await type('CCCCCCCC')).toEqual({ kind: 'paired', firstId: THIRD })
  })

  it('does not pair a chat with itself, and the code is still good elsewhere', async () => {
    await open('AAAAAAAA')
    expect(await type('AAAAAAAA', { chatId: FIRST })).toEqual({ kind: 'itself' })
    expect(await secondChatOf(store.db, FIRST)).toBeNull()
    expect(await type('AAAAAAAA')).toMatchObject({ kind: 'paired' })
  })

  it('lets one of two chats win that type the same code at once', async () => {
    await open('AAAAAAAA')
    const answers = await Promise.all([type('AAAAAAAA'), type('AAAAAAAA', { chatId: THIRD })])
    expect(answers).toContainEqual({ kind: 'unknown' })
    expect(answers).toContainEqual({ kind: 'paired', firstId: FIRST })
  })

  it('ends from the first chat, with a code that waits', async () => {
    await open('AAAAAAAA')
    await type('AAAAAAAA')
    await open('BBBBBBBB')
    expect(await transact(store.db, (tx) => unpair(tx, FIRST))).toBe(SECOND)
    expect(await transact(store.db, (tx) => unpair(tx, FIRST))).toBeNull()
    expect(await secondChatOf(store.db, FIRST)).toBeNull()
    expect(await type('BBBBBBBB')).toEqual({ kind: 'unknown' })
  })

  it('ends from the second chat for all that send there', async () => {
    for (const [code, chatId] of [
      ['AAAAAAAA', FIRST],
      ['BBBBBBBB', THIRD],
    ] as const) {
      await open(code, { chatId })
      await type(code)
    }
    const firsts = await transact(store.db, (tx) => unpairFirsts(tx, SECOND))
    expect(firsts.sort()).toEqual([FIRST, THIRD])
    expect(await transact(store.db, (tx) => unpairFirsts(tx, SECOND))).toEqual([])
    expect(await secondChatOf(store.db, FIRST)).toBeNull()
  })

  it('tells how the second chat is doing', async () => {
    expect(await secondChatOf(store.db, FIRST)).toBeNull()
    await open('AAAAAAAA')
    expect(await secondChatOf(store.db, FIRST)).toBeNull()
    await type('AAAAAAAA')
    for (const state of ['active', 'stopped', 'unreachable', 'barred'] as const) {
      await store.db.updateTable('chats').set({ state }).where('id', '=', SECOND).execute()
      expect(await secondChatOf(store.db, FIRST)).toBe(state)
    }
    await store.db.deleteFrom('chats').where('id', '=', SECOND).execute()
    expect(await secondChatOf(store.db, FIRST)).toBe('unreachable')
  })

  describe('when a group becomes a supergroup', () => {
    const MOVED = -1_001_234_567_890

    async function move(from: number): Promise<void> {
      await transact(store.db, (tx) => moveChat(tx, { from, to: MOVED }))
    }

    async function secondOf(chatId: number): Promise<number | null | undefined> {
      const row = await store.db
        .selectFrom('chats')
        .select('escalate_to')
        .where('id', '=', chatId)
        .executeTakeFirst()
      return row?.escalate_to
    }

    it('goes on with the second chat of the group, and with a code that waits', async () => {
      await open('AAAAAAAA')
      await type('AAAAAAAA')
      await open('BBBBBBBB')
      await move(FIRST)
      expect(await secondOf(MOVED)).toBe(SECOND)
      expect(await type('BBBBBBBB', { chatId: THIRD })).toEqual({ kind: 'paired', firstId: MOVED })
    })

    it('goes on sending to the group that is the second chat, and knows where an escalation came from', async () => {
      await open('AAAAAAAA')
      await type('AAAAAAAA')
      const row = await queueAlert(store.db, { chatId: THIRD })
      await store.db.updateTable('outbox').set({ origin_chat_id: SECOND }).where('id', '=', row).execute()
      await move(SECOND)
      expect(await secondOf(FIRST)).toBe(MOVED)
      const rows = await store.db.selectFrom('outbox').select('origin_chat_id').execute()
      expect(rows).toEqual([{ origin_chat_id: MOVED }])
    })

    it('takes the settings along when the new id was met before the move was told', async () => {
      await open('AAAAAAAA')
      await type('AAAAAAAA')
      await store.db
        .updateTable('chats')
        .set({ settings: '{"blindMinutes":20}' })
        .where('id', '=', FIRST)
        .execute()
      await addChat(store.db, MOVED)
      await move(FIRST)
      expect(await secondOf(MOVED)).toBe(SECOND)
      const moved = await store.db
        .selectFrom('chats')
        .select('settings')
        .where('id', '=', MOVED)
        .executeTakeFirstOrThrow()
      expect(moved).toEqual({ settings: '{"blindMinutes":20}' })
    })

    it('never makes a group its own second chat', async () => {
      await open('AAAAAAAA', { chatId: MOVED })
      await type('AAAAAAAA', { chatId: FIRST })
      await move(FIRST)
      expect(await secondOf(MOVED)).toBeNull()
    })
  })
})
