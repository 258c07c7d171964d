import type { Kysely } from 'kysely'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { setChatState } from '../../db/chats.ts'
import { openDatabase } from '../../db/database.ts'
import { type ImportedChat, type ImportedThreshold, importUsers } from '../../db/import-users.ts'
import { migrationsFor } from '../../db/migrate.ts'
import { schemaState } from '../../db/schema-state.ts'
import { setThreshold } from '../../db/watches.ts'
import { databases, useDatabase } from './databases.ts'
import { addWatcher, NOW, ownerOf, wad } from './store-kit.ts'

const LATER = NOW + 60_000

function wallet(number: number, thresholds: readonly ImportedThreshold[] = []) {
  return { owner: ownerOf(number), thresholds }
}

function wide(text: string): ImportedThreshold {
  return { scope: 'wallet', target: '', warningWad: wad(text) }
}

/** More wallets than fit into one transaction, two of the three chats spread over several. */
const MANY: readonly ImportedChat[] = [
  { id: -7, wallets: Array.from({ length: 450 }, (_, index) => wallet(index + 1, [wide('1.2')])) },
  { id: 8, wallets: [] },
  { id: 9, wallets: Array.from({ length: 250 }, (_, index) => wallet(index + 1, [wide('1.4')])) },
]

describe.each(databases)('importUsers on $name', (kind) => {
  const store = useDatabase(kind)

  afterEach(() => {
    vi.restoreAllMocks()
  })

  async function run(chats: readonly ImportedChat[], dryRun = false) {
    return await importUsers(store.db, { chats, nowMs: LATER, dryRun })
  }

  /** Everything an import may touch. */
  async function stored() {
    return {
      chats: await store.db.selectFrom('chats').selectAll().orderBy('id').execute(),
      watches: await store.db.selectFrom('watches').selectAll().orderBy('id').execute(),
      thresholds: await store.db
        .selectFrom('thresholds')
        .selectAll()
        .orderBy('watch_id')
        .orderBy('scope')
        .orderBy('target')
        .execute(),
    }
  }

  it('adds chats, wallets and thresholds as if somebody had typed them', async () => {
    const market = `morpho:0xe3:${ownerOf(1)}`
    const outcome = await run([
      {
        id: 5,
        wallets: [
          wallet(1, [
            wide('1.5'),
            { scope: 'protocol', target: 'morpho', warningWad: wad('1.3') },
            { scope: 'position', target: market, warningWad: wad('1.2') },
          ]),
        ],
      },
      { id: -6, wallets: [] },
    ])
    expect(outcome).toEqual({
      chats: { added: 2, present: 0 },
      wallets: { added: 1, present: 0 },
      thresholds: { added: 3, present: 0 },
      kept: [],
    })
    const { chats, watches, thresholds } = await stored()
    const unset = { settings: null, critical_wad: null, escalate_to: null }
    const warning_wad = wad('1.5').toString()
    const fresh = { state: 'active', warning_wad, quiet_until: 0, created_at: LATER, ...unset }
    expect(chats).toEqual([
      { id: -6, kind: 'group', ...fresh },
      { id: 5, kind: 'private', ...fresh },
    ])
    const [watch] = watches
    expect(watch).toMatchObject({
      chat_id: 5,
      owner: ownerOf(1),
      label: null,
      thread_id: null,
      created_at: LATER,
    })
    expect(thresholds).toEqual([
      {
        watch_id: watch?.id,
        scope: 'position',
        target: market,
        warning_wad: '1200000000000000000',
        critical_wad: null,
      },
      {
        watch_id: watch?.id,
        scope: 'protocol',
        target: 'morpho',
        warning_wad: '1300000000000000000',
        critical_wad: null,
      },
      {
        watch_id: watch?.id,
        scope: 'wallet',
        target: '',
        warning_wad: '1500000000000000000',
        critical_wad: null,
      },
    ])
  })

  it('leaves what is there as it is, and names the thresholds that differ', async () => {
    const watch = await addWatcher(store.db, { chatId: 5, owner: ownerOf(1), label: 'Main', threadId: 3 })
    await setChatState(store.db, { chatId: 5, state: 'stopped' })
    const key = { watchId: watch.id, scope: 'wallet', target: '' } as const
    await setThreshold(store.db, { ...key, warningWad: wad('1.9') })
    const proposed = { watchId: watch.id, scope: 'proposed', target: 'neverland:0x1:0x2' } as const
    await setThreshold(store.db, { ...proposed, warningWad: wad('1.1') })
    const before = await stored()
    const morpho = { scope: 'protocol', target: 'morpho', warningWad: wad('1.3') } as const
    const outcome = await run([{ id: 5, wallets: [wallet(1, [wide('1.5'), morpho])] }])
    expect(outcome).toEqual({
      chats: { added: 0, present: 1 },
      wallets: { added: 0, present: 1 },
      thresholds: { added: 1, present: 0 },
      kept: [
        {
          chatId: 5,
          owner: ownerOf(1),
          scope: 'wallet',
          target: '',
          storedWad: wad('1.9'),
          fileWad: wad('1.5'),
        },
      ],
    })
    const after = await stored()
    expect({ chats: after.chats, watches: after.watches }).toEqual({
      chats: before.chats,
      watches: before.watches,
    })
    expect(after.thresholds).toEqual(expect.arrayContaining(before.thresholds))
    expect(after.thresholds).toHaveLength(before.thresholds.length + 1)
  })

  it('does not mix up the same wallet of two chats, or two wallets of one chat', async () => {
    await run([{ id: 5, wallets: [wallet(1, [wide('1.2')])] }])
    const outcome = await run([
      { id: 5, wallets: [wallet(2, [wide('1.3')])] },
      { id: 6, wallets: [wallet(1, [wide('1.4')]), wallet(2)] },
    ])
    expect(outcome).toMatchObject({ wallets: { added: 3, present: 0 }, thresholds: { added: 2 }, kept: [] })
    const rows = await store.db
      .selectFrom('thresholds')
      .innerJoin('watches', 'watches.id', 'thresholds.watch_id')
      .select(['chat_id', 'owner', 'thresholds.warning_wad'])
      .orderBy('thresholds.warning_wad')
      .execute()
    expect(rows).toEqual([
      { chat_id: 5, owner: ownerOf(1), warning_wad: wad('1.2').toString() },
      { chat_id: 5, owner: ownerOf(2), warning_wad: wad('1.3').toString() },
      { chat_id: 6, owner: ownerOf(1), warning_wad: wad('1.4').toString() },
    ])
  })

  it('changes nothing the second time', async () => {
    const first = await run(MANY)
    expect(first).toEqual({
      chats: { added: 3, present: 0 },
      wallets: { added: 700, present: 0 },
      thresholds: { added: 700, present: 0 },
      kept: [],
    })
    const before = await stored()
    expect(await run(MANY)).toEqual({
      chats: { added: 0, present: 3 },
      wallets: { added: 0, present: 700 },
      thresholds: { added: 0, present: 700 },
      kept: [],
    })
    expect(await stored()).toEqual(before)
  })

  it('says in a dry run what the import then does, and writes nothing', async () => {
    await run([{ id: -7, wallets: [wallet(1, [wide('1.9')]), wallet(2)] }])
    const before = await stored()
    const said = await run(MANY, true)
    expect(await stored()).toEqual(before)
    expect(said).toMatchObject({
      chats: { added: 2, present: 1 },
      wallets: { added: 698, present: 2 },
      thresholds: { added: 699, present: 0 },
      kept: [{ chatId: -7, owner: ownerOf(1) }],
    })
    expect(await run(MANY)).toEqual(said)
  })

  it('does the rest when it is repeated after a failure in the middle', async () => {
    const begin = store.db.transaction.bind(store.db)
    vi.spyOn(store.db, 'transaction')
      .mockImplementationOnce(begin)
      .mockImplementationOnce(() => {
        throw new Error('the machine went down')
      })
    await expect(run(MANY)).rejects.toThrow('the machine went down')
    const half = await stored()
    expect(half.watches).toHaveLength(200)
    expect(half.thresholds).toHaveLength(200)
    expect(await run(MANY)).toEqual({
      chats: { added: 2, present: 1 },
      wallets: { added: 500, present: 200 },
      thresholds: { added: 500, present: 200 },
      kept: [],
    })
    const whole = await stored()
    expect(whole.watches.slice(0, 200)).toEqual(half.watches)
    expect(whole.thresholds).toHaveLength(700)
  })

  it('leaves no half of a transaction behind', async () => {
    const broken = { scope: 'wallet', target: null, warningWad: 1n } as unknown as ImportedThreshold
    await expect(run([{ id: 5, wallets: [wallet(1, [wide('1.2'), broken])] }])).rejects.toThrow(/null/i)
    expect(await stored()).toEqual({ chats: [], watches: [], thresholds: [] })
  })

  it('may run twice at the same time', async () => {
    const [one, two] = await Promise.all([run(MANY), run(MANY)])
    expect(one.wallets.added + two.wallets.added).toBe(700)
    expect(one.thresholds.added + two.thresholds.added).toBe(700)
    expect([...one.kept, ...two.kept]).toEqual([])
    expect((await stored()).watches).toHaveLength(700)
  })

  it('takes a wallet with more thresholds than fit into one statement', async () => {
    const thresholds = Array.from({ length: 1_201 }, (_, index) => ({
      scope: 'position' as const,
      target: `morpho:0x${index.toString(16)}:${ownerOf(1)}`,
      warningWad: wad('1.2') + BigInt(index),
    }))
    const chats = [{ id: 5, wallets: [{ owner: ownerOf(1), thresholds }] }]
    expect((await run(chats)).thresholds).toEqual({ added: 1_201, present: 0 })
    expect((await run(chats)).thresholds).toEqual({ added: 0, present: 1_201 })
  })

  it('has nothing to do for nobody', async () => {
    const none = { added: 0, present: 0 }
    expect(await run([])).toEqual({ chats: none, wallets: none, thresholds: none, kept: [] })
  })
})

describe.each(databases)('the state of the tables on $name', (kind) => {
  it('is told without creating or changing anything', async () => {
    const place = await kind.createPlace()
    try {
      expect(await schemaState(place.config)).toBe('none')
      expect(await schemaState(place.config)).toBe('none')
      const open = await openDatabase(place.config)
      try {
        expect(await schemaState(place.config)).toBe('current')
        const names = Object.keys(migrationsFor(kind.dialect))
        const migrations = open.db as unknown as Kysely<{ kysely_migration: { name: string } }>
        const last = names.at(-1) ?? ''
        await migrations.deleteFrom('kysely_migration').where('name', '=', last).execute()
        expect(await schemaState(place.config)).toBe(names.length > 1 ? 'older' : 'none')
        expect(await migrations.selectFrom('kysely_migration').select('name').execute()).toHaveLength(
          names.length - 1,
        )
      } finally {
        await open.close()
      }
    } finally {
      await place.remove()
    }
  })
})

describe('the state of the tables', () => {
  it('leaves it to the opening to say what is wrong with a database that cannot be read', async () => {
    expect(await schemaState({ kind: 'sqlite', path: import.meta.filename })).toBe('current')
    expect(await schemaState({ kind: 'postgres', url: 'postgres://nobody@127.0.0.1:1/none' })).toBe('current')
  })
})
