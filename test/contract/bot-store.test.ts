import { beforeEach, describe, expect, it } from 'vitest'
import { loadStates, saveStates } from '../../db/alert-states.ts'
import { type BotStore, createBotStore } from '../../db/bot-store.ts'
import { commitTransitions } from '../../db/commit-transitions.ts'
import { duePositions, restSettled } from '../../db/positions.ts'
import { decide } from '../../src/domain/alerting/decide.ts'
import { PHASES } from '../../src/domain/schedule.ts'
import { databases, useDatabase } from './databases.ts'
import {
  addPosition,
  addWatcher,
  isActive,
  NOW,
  outboxKeys,
  ownerOf,
  reading,
  refOf,
  stateWith,
  verified,
  wad,
} from './store-kit.ts'

const OWNER = ownerOf(1)
const REQUEST = { chatId: 1, owner: OWNER, label: null, threadId: null, threshold: null, maxWallets: 50 }

describe.each(databases)('the bot store on $name', (kind) => {
  const store = useDatabase(kind)
  let nowMs = NOW
  let bot: BotStore

  beforeEach(() => {
    nowMs = NOW
    bot = createBotStore({
      db: store.db,
      now: () => nowMs,
      commit: async (readings) => {
        await commitTransitions(store.db, { readings, nowMs, decide })
      },
    })
  })

  describe('meet', () => {
    it('creates a chat, and knows it the next time', async () => {
      const row = await bot.meet({ id: 1, kind: 'private' })
      expect(row).toMatchObject({ id: 1, kind: 'private', state: 'active', created_at: NOW })
      nowMs += 1
      expect(await bot.meet({ id: 1, kind: 'private' })).toEqual(row)
    })

    it('makes an unreachable chat active again, and leaves a stopped one stopped', async () => {
      const row = await bot.meet({ id: 1, kind: 'private' })
      await store.db.updateTable('chats').set({ state: 'unreachable' }).execute()
      expect(await bot.meet({ id: 1, kind: 'private' })).toEqual(row)
      expect(await bot.meet({ id: 1, kind: 'private' })).toEqual(row)
      await bot.setState(1, 'stopped')
      expect(await bot.meet({ id: 1, kind: 'private' })).toMatchObject({ state: 'stopped' })
      await bot.setState(1, 'active')
      expect(await bot.meet({ id: 1, kind: 'private' })).toMatchObject({ state: 'active' })
    })

    it.each(['stopped', 'unreachable'] as const)(
      'lets a chat that was %s hear what became of a position that rests',
      async (state) => {
        for (const chatId of [1, 2]) await addWatcher(store.db, { chatId, owner: OWNER })
        const position = await addPosition(store.db, refOf(OWNER))
        await saveStates(store.db, [
          { chatId: 1, positionId: position.id, state: stateWith({ closed: true }) },
          { chatId: 2, positionId: position.id, state: stateWith({ level: 'critical' }) },
        ])
        await store.db.updateTable('chats').set({ state }).where('id', '=', 2).execute()
        await restSettled(store.db, { withoutDebt: [], gone: [{ id: position.id, block: 1_000 }] })
        expect(await isActive(store.db, position)).toBe(false)
        await bot.meet({ id: 2, kind: 'private' })
        await bot.setState(2, 'active')
        // Discovery cannot wake it: there is nothing on the chain any more. Only a read can tell that it is closed.
        expect(await duePositions(store.db, { from: 0, to: PHASES })).toEqual([position])
      },
    )
  })

  describe('watch', () => {
    beforeEach(async () => {
      await bot.meet({ id: 1, kind: 'private' })
    })

    it('adds a wallet without a threshold', async () => {
      const result = await bot.watch({ ...REQUEST, label: 'Main', threadId: 3 })
      expect(result).toMatchObject({
        isNew: true,
        effect: null,
        watch: { owner: OWNER, label: 'Main', thread_id: 3, created_at: NOW },
      })
      expect(await store.db.selectFrom('thresholds').selectAll().execute()).toEqual([])
    })

    it('sets a threshold for the wallet or for a protocol, and tells the one it replaced', async () => {
      const set = (protocol: 'neverland' | null, line: string) =>
        bot.watch({ ...REQUEST, threshold: { protocol, warningWad: wad(line) } })
      expect(await set(null, '1.3')).toMatchObject({ isNew: true, effect: { before: null } })
      expect(await set(null, '1.4')).toMatchObject({ isNew: false, effect: { before: wad('1.3') } })
      expect(await set('neverland', '1.9')).toMatchObject({ isNew: false, effect: { before: null } })
      const rows = await store.db.selectFrom('thresholds').selectAll().orderBy('scope').execute()
      expect(rows.map(({ scope, target, warning_wad }) => [scope, target, warning_wad])).toEqual([
        ['protocol', 'neverland', wad('1.9').toString()],
        ['wallet', '', wad('1.4').toString()],
      ])
    })

    it('adds nothing for a chat that was never met', async () => {
      await expect(bot.watch({ ...REQUEST, chatId: 77 })).rejects.toThrow(/foreign key/i)
      expect(await store.db.selectFrom('watches').selectAll().execute()).toEqual([])
    })
  })

  describe('found', () => {
    const refs = [refOf(OWNER, '0xa'), refOf(OWNER, '0xb')]
    const proposals = refs.map((ref) => ({ ref, warningWad: wad('1.25') }))

    async function watchWith(threshold: { protocol: 'neverland' | null; warningWad: bigint } | null) {
      await bot.meet({ id: 1, kind: 'private' })
      const watched = await bot.watch({ ...REQUEST, threshold })
      if (watched === 'full') throw new Error('there is room')
      return watched.watch.id
    }

    it('stores positions and what is proposed for them', async () => {
      const watchId = await watchWith(null)
      expect(await bot.found({ watchId, refs, proposals })).toEqual(proposals)
      const wallet = await bot.wallet(1, OWNER)
      expect(
        wallet?.positions.map(({ position, lines }) => [position.ref, lines.warningWad, lines.source]),
      ).toEqual(refs.map((ref) => [ref, wad('1.25'), 'proposed']))
    })

    it.each([
      ['the wallet', null],
      ['its protocol', 'neverland'],
    ] as const)('proposes nothing where a person set a threshold for %s', async (_, protocol) => {
      const watchId = await watchWith({ protocol, warningWad: wad('1.4') })
      expect(await bot.found({ watchId, refs, proposals })).toEqual([])
      const wallet = await bot.wallet(1, OWNER)
      expect(wallet?.positions.map(({ lines }) => lines.warningWad)).toEqual([wad('1.4'), wad('1.4')])
    })

    it('keeps a proposal once made, and still proposes for what is new', async () => {
      const watchId = await watchWith(null)
      const [first, second] = proposals
      if (!first || !second) throw new Error('two proposals are needed')
      await bot.found({ watchId, refs, proposals: [first] })
      const changed = proposals.map((proposal) => ({ ...proposal, warningWad: wad('1.1') }))
      expect(await bot.found({ watchId, refs, proposals: changed })).toEqual([changed[1]])
      const wallet = await bot.wallet(1, OWNER)
      expect(wallet?.positions.map(({ lines }) => lines.warningWad)).toEqual([wad('1.25'), wad('1.1')])
    })
  })

  describe('apply', () => {
    it('lets a reading count for every chat that watches, and ignores positions that are not stored', async () => {
      for (const chatId of [1, 2]) await addWatcher(store.db, { chatId, owner: OWNER })
      const position = await addPosition(store.db, refOf(OWNER))
      const low = reading(100, wad('1.2'))
      await bot.apply(OWNER, [
        { ref: refOf(OWNER, '0xunknown'), reading: low },
        { ref: { ...position.ref }, reading: low },
      ])
      expect((await outboxKeys(store.db)).sort()).toEqual([
        `warning:1:${position.id}:1:1`,
        `warning:2:${position.id}:1:1`,
      ])
    })
  })

  describe('wallets', () => {
    it('are empty for an unknown chat and for one without wallets', async () => {
      expect(await bot.wallets(1)).toEqual([])
      await bot.meet({ id: 1, kind: 'private' })
      expect(await bot.wallets(1)).toEqual([])
      expect(await bot.wallet(1, OWNER)).toBeUndefined()
    })

    it('come with positions, lines, the last reading of this chat and whether they are closed', async () => {
      await addWatcher(store.db, { chatId: 1, owner: ownerOf(2) })
      const watch = await addWatcher(store.db, { chatId: 1, owner: OWNER, label: 'Main' })
      await addWatcher(store.db, { chatId: 2, owner: OWNER })
      const open = await addPosition(store.db, refOf(OWNER, '0xa'))
      const closed = await addPosition(store.db, refOf(OWNER, '0xb'))
      const fresh = await addPosition(store.db, refOf(OWNER, '0xc'))
      const last = verified(wad('1.234'))
      await saveStates(store.db, [
        { chatId: 1, positionId: open.id, state: stateWith({ last }) },
        { chatId: 2, positionId: open.id, state: stateWith({ last: verified(wad('9')) }) },
        { chatId: 1, positionId: closed.id, state: stateWith({ closed: true }) },
        { chatId: 2, positionId: fresh.id, state: stateWith({ closed: true, last }) },
      ])
      const wallets = await bot.wallets(1)
      expect(wallets.map(({ watch: { owner } }) => owner)).toEqual([ownerOf(2), OWNER])
      expect(wallets[0]?.positions).toEqual([])
      const lines = { warningWad: wad('1.5'), criticalWad: wad('1.125'), source: 'chat' }
      expect(wallets[1]).toEqual({
        watch,
        positions: [
          { position: open, lines, last, closed: false },
          { position: closed, lines, last: null, closed: true },
          { position: fresh, lines, last: null, closed: false },
        ],
      })
      expect(await bot.wallet(1, OWNER)).toEqual(wallets[1])
    })
  })

  it('remove forgets a wallet of this chat only, and answers with what it was', async () => {
    const watch = await addWatcher(store.db, { chatId: 1, owner: OWNER })
    const position = await addPosition(store.db, refOf(OWNER))
    await saveStates(store.db, [{ chatId: 1, positionId: position.id, state: stateWith({}) }])
    expect(await bot.remove(2, watch.id)).toBeUndefined()
    expect(await bot.remove(1, watch.id)).toMatchObject({ watch })
    expect(await bot.remove(1, watch.id)).toBeUndefined()
    expect(await bot.wallets(1)).toEqual([])
    expect((await loadStates(store.db, [position.id])).size).toBe(0)
  })
})
