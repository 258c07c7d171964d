import Sqlite from 'better-sqlite3'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ensureChat } from '../../db/chats.ts'
import { transact } from '../../db/transact.ts'
import { addWatch, setThreshold } from '../../db/watches.ts'
import { databases, useDatabase } from './databases.ts'
import { addChat, NOW, ownerOf, wad } from './store-kit.ts'

describe.each(databases)('transact on $name', (kind) => {
  const store = useDatabase(kind)

  async function chatIds(): Promise<number[]> {
    const rows = await store.db.selectFrom('chats').select('id').orderBy('id').execute()
    return rows.map(({ id }) => id)
  }

  const newChat = (id: number) => ({ id, kind: 'private', nowMs: NOW })

  it('keeps everything of a work that ends well, and answers with its result', async () => {
    const result = await transact(store.db, async (tx) => {
      await ensureChat(tx, newChat(1))
      await ensureChat(tx, newChat(2))
      return 'done'
    })
    expect(result).toBe('done')
    expect(await chatIds()).toEqual([1, 2])
  })

  it('keeps nothing of a work that throws, and throws the same error at once', async () => {
    const bug = new Error('a bug')
    let runs = 0
    const failing = transact(store.db, async (tx) => {
      runs += 1
      await ensureChat(tx, newChat(1))
      throw bug
    })
    await expect(failing).rejects.toBe(bug)
    expect(runs).toBe(1)
    expect(await chatIds()).toEqual([])
  })

  it('keeps nothing of a work whose later statement the database refuses', async () => {
    const failing = transact(store.db, async (tx) => {
      await ensureChat(tx, newChat(1))
      await setThreshold(tx, { watchId: 999, scope: 'wallet', target: '', warningWad: wad('1.2') })
    })
    await expect(failing).rejects.toThrow(/foreign key/i)
    expect(await chatIds()).toEqual([])
    await addChat(store.db, 3)
    expect(await chatIds()).toEqual([3])
  })

  it('lets several stores share one transaction', async () => {
    const work = transact(store.db, async (tx) => {
      await ensureChat(tx, newChat(1))
      const { watch } = await addWatch(tx, {
        chatId: 1,
        owner: ownerOf(1),
        label: null,
        threadId: null,
        nowMs: NOW,
      })
      await setThreshold(tx, { watchId: watch.id, scope: 'wallet', target: '', warningWad: wad('1.2') })
      throw new Error('after all of them')
    })
    await expect(work).rejects.toThrow('after all of them')
    for (const table of ['chats', 'watches', 'thresholds'] as const) {
      expect(await store.db.selectFrom(table).selectAll().execute()).toEqual([])
    }
  })

  it('lets many run at once', async () => {
    const ids = Array.from({ length: 40 }, (_, index) => index + 1)
    await Promise.all(ids.map((id) => transact(store.db, (tx) => ensureChat(tx, newChat(id)))))
    expect(await chatIds()).toEqual(ids)
  })
})

describe('transact while another process writes to the SQLite file', () => {
  const sqlite = databases.find(({ dialect }) => dialect === 'sqlite')
  if (!sqlite) throw new Error('SQLite is always there')
  const store = useDatabase(sqlite)
  let other: Sqlite.Database | undefined

  afterEach(() => {
    other?.close()
    other = undefined
    vi.restoreAllMocks()
  })

  function lock(): Sqlite.Database {
    if (store.config.kind !== 'sqlite') throw new Error('not SQLite')
    other = new Sqlite(store.config.path)
    other.exec('begin immediate')
    return other
  }

  it('waits with a free event loop, goes on reading, and then succeeds', async () => {
    const holder = lock()
    const events: string[] = []
    const written = addChatLater()
    // The lock goes away only if timers run while the writer waits.
    for (let tick = 0; tick < 10; tick += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      expect(await store.db.selectFrom('chats').selectAll().execute()).toEqual([])
      events.push('tick')
    }
    holder.exec('commit')
    events.push('released')
    await written
    expect(events).toEqual([...Array.from({ length: 10 }, () => 'tick'), 'released', 'written'])
    expect(await store.db.selectFrom('chats').select('id').execute()).toEqual([{ id: 1 }])

    async function addChatLater(): Promise<void> {
      await transact(store.db, (tx) => ensureChat(tx, { id: 1, kind: 'private', nowMs: NOW }))
      events.push('written')
    }
  })

  it('begins its work anew, so that nothing is done twice', async () => {
    const holder = lock()
    let runs = 0
    const written = transact(store.db, async (tx) => {
      runs += 1
      if (runs === 2) holder.exec('commit')
      const { id } = await ensureChat(tx, { id: 1, kind: 'private', nowMs: NOW })
      await addWatch(tx, { chatId: id, owner: ownerOf(1), label: null, threadId: null, nowMs: NOW })
    })
    await written
    expect(runs).toBe(2)
    expect(await store.db.selectFrom('watches').selectAll().execute()).toHaveLength(1)
  })

  it('tries again when the other one wrote between its reads and its writes', async () => {
    if (store.config.kind !== 'sqlite') throw new Error('not SQLite')
    const writer = new Sqlite(store.config.path)
    other = writer
    await addChat(store.db, 1)
    let runs = 0
    await transact(store.db, async (tx) => {
      runs += 1
      const before = await tx.selectFrom('chats').select('quiet_until').executeTakeFirstOrThrow()
      if (runs === 1) writer.exec('update chats set quiet_until = 100')
      await tx
        .updateTable('chats')
        .set({ quiet_until: before.quiet_until + 1 })
        .execute()
    })
    expect(runs).toBe(2)
    expect(await store.db.selectFrom('chats').select('quiet_until').execute()).toEqual([{ quiet_until: 101 }])
  })

  it('gives up after a minute with the error of the database', async () => {
    lock()
    let minutes = 0
    vi.spyOn(performance, 'now').mockImplementation(() => {
      minutes += 1
      return minutes * 60_001
    })
    const writing = transact(store.db, (tx) => ensureChat(tx, { id: 1, kind: 'private', nowMs: NOW }))
    await expect(writing).rejects.toMatchObject({ code: 'SQLITE_BUSY' })
  })
})
