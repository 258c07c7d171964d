import { sql } from 'kysely'
import { describe, expect, it, vi } from 'vitest'
import { saveCache } from '../../db/cache.ts'
import { ensureChat } from '../../db/chats.ts'
import { openDatabase } from '../../db/database.ts'
import { fence } from '../../db/fence.ts'
import { type Acquired, createLeaseStore, type LeaseStore, type StoredLease } from '../../db/lease.ts'
import { recoverSending } from '../../db/outbox-settle.ts'
import type { Database } from '../../db/schema.ts'
import { transact } from '../../db/transact.ts'
import { LeaseLostError } from '../../src/errors.ts'
import { databases, useDatabase } from './databases.ts'
import { NOW, outboxRows, queueAlert } from './store-kit.ts'

const TTL_MS = 20_000

describe.each(databases)('the lease on $name', (kind) => {
  const store = useDatabase(kind)
  let clockMs = NOW

  function leaseOf(holder: string, db: Database = store.db): LeaseStore {
    return createLeaseStore({ db, holder, ttlMs: TTL_MS, now: () => clockMs })
  }

  async function tokenOf(acquired: Promise<Acquired>): Promise<number> {
    const taken = await acquired
    if (taken.kind !== 'taken') throw new Error(`held by ${taken.lease.holder}`)
    return taken.token
  }

  async function heldBy(acquired: Promise<Acquired>): Promise<StoredLease> {
    const held = await acquired
    if (held.kind !== 'held') throw new Error('taken')
    return held.lease
  }

  /** As if that much time had passed since it was written: the clock of PostgreSQL cannot be moved. */
  async function age(ms: number): Promise<void> {
    if (store.dialect === 'sqlite') clockMs += ms
    else {
      await store.db
        .updateTable('lease')
        .set((eb) => ({
          renewed_at: eb('renewed_at', '-', ms),
          expires_at: eb('expires_at', '-', ms),
        }))
        .execute()
    }
  }

  it('is given to the first who asks, and to nobody else while it lasts', async () => {
    expect(await leaseOf('a').acquire(null)).toMatchObject({ kind: 'taken', token: 1, lastAliveMs: null })
    const lease = await heldBy(leaseOf('b').acquire(null))
    expect(lease).toMatchObject({ holder: 'a', token: 1 })
    expect(lease.expiresAtMs - lease.renewedAtMs).toBe(TTL_MS)
  })

  it('goes on for as long as it is renewed, and the token stays', async () => {
    const token = await tokenOf(leaseOf('a').acquire(null))
    await age(TTL_MS - 1_000)
    expect(await leaseOf('a').renew(token)).toBe(true)
    await age(TTL_MS - 1_000)
    expect((await heldBy(leaseOf('b').acquire(null))).token).toBe(token)
  })

  it('is free once it has run out, under a higher token, and says when its last holder lived', async () => {
    const first = await leaseOf('a').acquire(null)
    if (first.kind !== 'taken') throw new Error('held')
    await age(TTL_MS + 600_000)
    const second = await leaseOf('b').acquire(null)
    expect(second).toMatchObject({ kind: 'taken', token: first.token + 1 })
    if (second.kind !== 'taken' || second.lastAliveMs === null) throw new Error('nobody before')
    expect(second.nowMs - second.lastAliveMs).toBeGreaterThanOrEqual(TTL_MS + 600_000)
    expect(await leaseOf('a').renew(first.token)).toBe(false)
  })

  it('gets a higher token also when the same process is started anew', async () => {
    const store_ = leaseOf('a')
    const first = await tokenOf(store_.acquire(null))
    await store_.release(first)
    expect(await tokenOf(store_.acquire(null))).toBe(first + 1)
  })

  it('is renewed after it ran out when nobody has taken it', async () => {
    const token = await tokenOf(leaseOf('a').acquire(null))
    await age(TTL_MS * 3)
    expect(await leaseOf('a').renew(token)).toBe(true)
    expect((await heldBy(leaseOf('b').acquire(null))).token).toBe(token)
  })

  it('is free at once after an orderly release', async () => {
    const token = await tokenOf(leaseOf('a').acquire(null))
    await leaseOf('a').release(token)
    expect(await tokenOf(leaseOf('b').acquire(null))).toBe(token + 1)
  })

  it('a late release of an old holder takes nothing from the new one', async () => {
    const old = await tokenOf(leaseOf('a').acquire(null))
    await age(TTL_MS + 1)
    const token = await tokenOf(leaseOf('b').acquire(null))
    await leaseOf('a').release(old)
    expect((await heldBy(leaseOf('c').acquire(null))).token).toBe(token)
  })

  it('can be taken from a holder known to be dead, but not once somebody has renewed it', async () => {
    const token = await tokenOf(leaseOf('a').acquire(null))
    const seen = await heldBy(leaseOf('b').acquire(null))
    await age(1)
    await leaseOf('a').renew(token)
    const renewed = await heldBy(leaseOf('b').acquire(seen))
    expect(renewed.renewedAtMs).not.toBe(seen.renewedAtMs)
    expect(await tokenOf(leaseOf('b').acquire(renewed))).toBe(token + 1)
  })

  it('goes to exactly one of many who ask at the same time', async () => {
    const others = await Promise.all(Array.from({ length: 3 }, () => openDatabase(store.config)))
    try {
      for (let round = 1; round <= 5; round += 1) {
        const asked = await Promise.all(
          [store.db, ...others.map(({ db }) => db)].map((db, index) =>
            leaseOf(`p${index}`, db).acquire(null),
          ),
        )
        const taken = asked.filter(({ kind: what }) => what === 'taken')
        expect(taken).toHaveLength(1)
        expect(taken[0]).toMatchObject({ token: round })
        await age(TTL_MS + 1)
      }
    } finally {
      for (const other of others) await other.close()
    }
  })

  it('comes before a change of the tables, unless there is no lease yet', async () => {
    const mark = { name: '0099-not-known-here', timestamp: 'x' }
    await sql`insert into kysely_migration (name, timestamp) values (${mark.name}, ${mark.timestamp})`.execute(
      store.db,
    )
    try {
      const waiting = await openDatabase(store.config, { untilLeased: true })
      expect(await leaseOf('a', waiting.db).acquire(null)).toMatchObject({ kind: 'taken' })
      await expect(waiting.migrate()).rejects.toThrow('newer Buoy')
      await waiting.close()
    } finally {
      await sql`delete from kysely_migration where name = ${mark.name}`.execute(store.db)
    }
    const place = await kind.createPlace()
    const fresh = await openDatabase(place.config, { untilLeased: true })
    expect(await leaseOf('a', fresh.db).acquire(null)).toMatchObject({ kind: 'taken', token: 1 })
    await fresh.close()
    await place.remove()
  })

  describe('the fence', () => {
    const chat = { id: 1, kind: 'private', nowMs: NOW }

    /** A database connection of its own, so that no fence is left behind for the next test. */
    async function withHolder(
      work: (at: { db: Database; onLost: () => void; token: number }) => Promise<void>,
    ) {
      const open = await openDatabase(store.config)
      try {
        const token = await tokenOf(leaseOf('a', open.db).acquire(null))
        const onLost = vi.fn()
        fence(open.db, { token, onLost })
        await work({ db: open.db, onLost, token })
      } finally {
        await open.close()
      }
    }

    it('lets the holder write, also after the lease has run out as long as nobody took it', async () => {
      await withHolder(async ({ db, onLost }) => {
        await age(TTL_MS * 2)
        await transact(db, (tx) => ensureChat(tx, chat))
        expect(onLost).not.toHaveBeenCalled()
      })
      expect(await store.db.selectFrom('chats').select('id').execute()).toEqual([{ id: 1 }])
    })

    it('refuses everything of one who lost it: nothing is written, and it hears of it', async () => {
      await withHolder(async ({ db, onLost }) => {
        await age(TTL_MS + 1)
        await leaseOf('b').acquire(null)
        const work = vi.fn(() => Promise.resolve())
        await expect(transact(db, work)).rejects.toThrow(LeaseLostError)
        await expect(transact(db, (tx) => ensureChat(tx, chat))).rejects.toThrow(LeaseLostError)
        const change = { rows: [], forgotten: ['x'], nowMs: NOW }
        await expect(transact(db, (tx) => saveCache(tx, change))).rejects.toThrow(LeaseLostError)
        expect(work).not.toHaveBeenCalled()
        expect(onLost).toHaveBeenCalledTimes(3)
      })
      expect(await store.db.selectFrom('chats').select('id').execute()).toEqual([])
    })

    it('does not let a transaction through during which the lease is taken, whichever of the two ends first', async () => {
      await withHolder(async ({ db, token }) => {
        await age(TTL_MS + 1)
        let runs = 0
        const writing = transact(db, async (tx) => {
          runs += 1
          // On PostgreSQL another connection can take it here; SQLite has one writer, whom it comes before or after.
          if (runs === 1 && store.dialect === 'postgres') {
            await leaseOf('b').acquire(null)
            await transact(store.db, (other) => other.selectFrom('chats').selectAll().execute())
          }
          await ensureChat(tx, chat)
        })
        if (store.dialect === 'sqlite') {
          await writing
          expect(await tokenOf(leaseOf('b').acquire(null))).toBe(token + 1)
        } else await expect(writing).rejects.toThrow(LeaseLostError)
        const chats = await store.db.selectFrom('chats').select('id').execute()
        expect(chats).toHaveLength(store.dialect === 'sqlite' ? 1 : 0)
        await expect(transact(db, (tx) => ensureChat(tx, { ...chat, id: 2 }))).rejects.toThrow(LeaseLostError)
      })
    })
  })

  it('what an earlier holder was sending counts as unknown, what this one is sending does not', async () => {
    const [old, mine, before] = [
      await queueAlert(store.db, { chatId: 1 }),
      await queueAlert(store.db, { chatId: 2 }),
      await queueAlert(store.db, { chatId: 3 }),
    ]
    for (const [id, token] of [
      [old, 4],
      [mine, 5],
      [before, null],
    ] as const) {
      const taken = { state: 'sending' as const, lease_token: token }
      await store.db.updateTable('outbox').set(taken).where('id', '=', id).execute()
    }
    expect(await recoverSending(store.db, 5)).toBe(2)
    const rows = new Map((await outboxRows(store.db)).map((row) => [row.id, row]))
    expect(rows.get(old)).toMatchObject({ state: 'pending', maybe_repeat: 1 })
    expect(rows.get(before)).toMatchObject({ state: 'pending', maybe_repeat: 1 })
    expect(rows.get(mine)).toMatchObject({ state: 'sending', maybe_repeat: 0 })
  })
})
