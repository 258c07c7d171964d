import { beforeEach, describe, expect, it } from 'vitest'
import { type BotStore, createBotStore, type Watched, type WatchRequest } from '../../db/bot-store.ts'
import { listWatches } from '../../db/watches.ts'
import { databases, useDatabase } from './databases.ts'
import { addPosition, NOW, ownerOf, refOf, wad } from './store-kit.ts'

describe.each(databases)('watching a wallet on $name', (kind) => {
  const store = useDatabase(kind)
  let bot: BotStore

  beforeEach(async () => {
    bot = createBotStore({ db: store.db, now: () => NOW, commit: () => Promise.resolve() })
    for (const id of [1, 2]) await bot.meet({ id, kind: 'private' })
  })

  function ask(owner: number, over: Partial<WatchRequest> = {}): Promise<Watched | 'full'> {
    const request = { chatId: 1, label: null, threadId: null, threshold: null, maxWallets: 2 }
    return bot.watch({ ...request, owner: ownerOf(owner), ...over })
  }

  it('says that a chat is full, and changes nothing', async () => {
    await ask(1)
    await ask(2)
    const before = await listWatches(store.db, 1)
    const threshold = { protocol: null, warningWad: wad('1.4') }
    expect(await ask(3, { threshold, label: 'Third' })).toBe('full')
    expect(await listWatches(store.db, 1)).toEqual(before)
    expect(await store.db.selectFrom('thresholds').selectAll().execute()).toEqual([])
  })

  it('still lets a full chat change a wallet that it has', async () => {
    await ask(1)
    await ask(2)
    const threshold = { protocol: null, warningWad: wad('1.4') }
    expect(await ask(2, { threshold, label: 'Second' })).toMatchObject({
      isNew: false,
      watch: { label: 'Second' },
      effect: { before: null },
    })
  })

  it('counts every chat alone, and has room again after a removal', async () => {
    await ask(1)
    await ask(2)
    expect(await ask(3, { chatId: 2 })).toMatchObject({ isNew: true })
    const [first] = await listWatches(store.db, 1)
    await bot.remove(1, first?.id ?? 0)
    expect(await ask(3)).toMatchObject({ isNew: true })
  })

  it('lets no more in when several are added at once', async () => {
    const answers = await Promise.all([1, 2, 3, 4, 5].map((owner) => ask(owner)))
    expect(answers.filter((answer) => answer === 'full')).toHaveLength(3)
    expect(await listWatches(store.db, 1)).toHaveLength(2)
  })

  it('tells when alerts of a known wallet go to another topic from now on', async () => {
    const topics = [null, 5, 5, 6, null]
    const changed: unknown[] = []
    for (const threadId of topics) {
      const watched = await ask(1, { threadId })
      changed.push(watched === 'full' ? 'full' : [watched.watch.thread_id, watched.topicChanged])
    }
    expect(changed).toEqual([
      [null, false],
      [5, true],
      [5, false],
      [6, true],
      [null, true],
    ])
  })

  it('a wallet that is new in a topic has not changed it', async () => {
    expect(await ask(1, { threadId: 5 })).toMatchObject({ isNew: true, topicChanged: false })
  })

  it('tells what a threshold given with it did to loans that are known', async () => {
    await ask(1)
    const position = await addPosition(store.db, refOf(ownerOf(1)))
    const watched = await ask(1, { threshold: { protocol: null, warningWad: wad('1.7') } })
    expect(watched).toMatchObject({
      effect: { loans: [{ ref: position.ref, moved: true, level: 'safe', lines: { source: 'wallet' } }] },
    })
  })
})
