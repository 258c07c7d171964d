import { beforeEach, describe, expect, it } from 'vitest'
import { changeSettings, readSettings } from '../../db/chat-settings.ts'
import { transact } from '../../db/transact.ts'
import { watchersOf } from '../../db/watchers.ts'
import { type ChatSettings, DEFAULT_SETTINGS } from '../../src/domain/chat-settings.ts'
import { databases, useDatabase } from './databases.ts'
import { addWatcher, ownerOf } from './store-kit.ts'

const QUIET = { fromMinute: 1_380, toMinute: 420, zone: 'Asia/Shanghai' }

describe.each(databases)('the settings of a chat on $name', (kind) => {
  const store = useDatabase(kind)

  beforeEach(async () => {
    for (const chatId of [1, 2]) await addWatcher(store.db, { chatId, owner: ownerOf(1) })
  })

  async function change(set: (before: ChatSettings) => Partial<ChatSettings>): Promise<void> {
    await transact(store.db, (tx) =>
      changeSettings(tx, { chatId: 1, change: (before) => ({ ...before, ...set(before) }) }),
    )
  }

  async function stored(): Promise<string | null> {
    const row = await store.db
      .selectFrom('chats')
      .select('settings')
      .where('id', '=', 1)
      .executeTakeFirstOrThrow()
    return row.settings
  }

  it('hold for the alerts of that chat from then on, and for no other', async () => {
    await change(() => ({ quiet: QUIET, blindMinutes: 20 }))
    await change(({ repeatMinutes }) => ({ repeatMinutes: { ...repeatMinutes, critical: null } }))
    const rules = new Map(
      (await watchersOf(store.db, [ownerOf(1)])).map((watcher) => [watcher.chatId, watcher.rules]),
    )
    expect(rules.get(1)).toEqual({
      ...DEFAULT_SETTINGS,
      quiet: QUIET,
      blindMinutes: 20,
      repeatMinutes: { warning: 240, critical: null, liquidatable: 10 },
      escalates: false,
    })
    expect(rules.get(2)).toEqual({ ...DEFAULT_SETTINGS, escalates: false })
  })

  it('are stored only as far as somebody changed them', async () => {
    await change(() => ({ dustFloorCents: 500 }))
    await change(() => ({ dustFloorCents: 500 }))
    expect(JSON.parse((await stored()) ?? '')).toEqual({ dustFloorCents: 500, repeatMinutes: {} })
    await change(() => ({ quiet: QUIET }))
    await change(() => ({ quiet: null }))
    expect(readSettings(await stored())).toEqual({ ...DEFAULT_SETTINGS, dustFloorCents: 500 })
  })

  it('that are broken fall back to the defaults one by one, and can be changed again', async () => {
    const broken = {
      blindMinutes: 0,
      blindCriticalMinutes: 4,
      dustFloorCents: '100',
      quiet: { fromMinute: 0, toMinute: 60, zone: 'Mars/Base' },
      repeatMinutes: { warning: -1, critical: 45, constructor: 3 },
      unknown: true,
    }
    await store.db
      .updateTable('chats')
      .set({ settings: JSON.stringify(broken) })
      .where('id', '=', 1)
      .execute()
    const usable = {
      ...DEFAULT_SETTINGS,
      blindCriticalMinutes: 4,
      repeatMinutes: { ...DEFAULT_SETTINGS.repeatMinutes, critical: 45 },
    }
    expect(readSettings(await stored())).toEqual(usable)
    await change(() => ({ blindMinutes: 30 }))
    expect(readSettings(await stored())).toEqual({ ...usable, blindMinutes: 30 })
  })

  it.each(['', '{', 'null', '[]', '7', '"x"', '{"repeatMinutes":[]}', '{"quiet":{}}'])(
    'that cannot be read at all are the defaults: %s',
    (text) => {
      expect(readSettings(text)).toEqual(DEFAULT_SETTINGS)
    },
  )
})
