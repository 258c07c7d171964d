import { beforeEach, describe, expect, it } from 'vitest'
import { loadStates, saveStates, stateKey } from '../../db/alert-states.ts'
import { commitTransitions } from '../../db/commit-transitions.ts'
import type { StoredPosition } from '../../db/positions.ts'
import type { WatchRow } from '../../db/schema.ts'
import { changeThreshold, type ThresholdTarget } from '../../db/set-threshold.ts'
import { transact } from '../../db/transact.ts'
import { setThreshold, thresholdsOf } from '../../db/watches.ts'
import { decide } from '../../src/domain/alerting/decide.ts'
import type { AlertState } from '../../src/domain/alerting/state.ts'
import { databases, useDatabase } from './databases.ts'
import {
  addPosition,
  addWatcher,
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
const OTHER = ownerOf(2)

describe.each(databases)('setting a threshold on $name', (kind) => {
  const store = useDatabase(kind)
  let watch: WatchRow
  let loan: StoredPosition
  let sibling: StoredPosition
  let morpho: StoredPosition
  let elsewhere: StoredPosition

  beforeEach(async () => {
    watch = await addWatcher(store.db, { chatId: 1, owner: OWNER, label: 'Main' })
    await addWatcher(store.db, { chatId: 1, owner: OTHER })
    loan = await addPosition(store.db, refOf(OWNER, '0xa'))
    sibling = await addPosition(store.db, refOf(OWNER, '0xb'))
    morpho = await addPosition(store.db, { ...refOf(OWNER, '0xc'), protocol: 'morpho', key: 'morpho:0xc' })
    elsewhere = await addPosition(store.db, refOf(OTHER, '0xa'))
  })

  function change(target: ThresholdTarget, line: string | null) {
    const warningWad = line === null ? null : wad(line)
    return transact(store.db, (tx) => changeThreshold(tx, { chatId: 1, target, warningWad }))
  }

  /** Each loan in reach as `market line source`, with an arrow when its line moved. */
  async function effect(target: ThresholdTarget, line: string | null): Promise<string[]> {
    const { loans } = await change(target, line)
    return loans.map(({ ref, lines, moved }) => {
      const milli = lines.warningWad / 10n ** 15n
      return `${ref.owner.slice(-1)}${ref.market.slice(2)} ${milli} ${lines.source}${moved ? ' ←' : ''}`
    })
  }

  const chat: ThresholdTarget = { kind: 'chat' }
  const wallet = (): ThresholdTarget => ({ kind: 'wallet', watchId: watch.id })
  const protocol = (): ThresholdTarget => ({ kind: 'protocol', watchId: watch.id, protocol: 'neverland' })
  const position = (): ThresholdTarget => ({ kind: 'position', watchId: watch.id, key: loan.ref.key })

  async function save(positions: readonly StoredPosition[], state: Partial<AlertState>): Promise<void> {
    await saveStates(
      store.db,
      positions.map(({ id }) => ({ chatId: 1, positionId: id, state: stateWith(state) })),
    )
  }

  async function stateOf({ id }: StoredPosition, chatId = 1): Promise<AlertState | undefined> {
    return (await loadStates(store.db, [id])).get(stateKey({ chatId, positionId: id }))
  }

  it('a critical line stays while the warning moves, as long as it fits', async () => {
    async function set(target: ThresholdTarget, lines: { warning: string; critical?: string | null }) {
      const warningWad = wad(lines.warning)
      const { critical } = lines
      const own = critical === undefined ? {} : { criticalWad: critical === null ? null : wad(critical) }
      return transact(store.db, (tx) => changeThreshold(tx, { chatId: 1, target, warningWad, ...own }))
    }
    for (const target of [wallet(), protocol(), position(), chat]) {
      const first = await set(target, { warning: '1.4', critical: '1.2' })
      expect(first.after).toEqual({ warningWad: wad('1.4'), criticalWad: wad('1.2') })
      const kept = await set(target, { warning: '1.3' })
      expect(kept.after).toEqual({ warningWad: wad('1.3'), criticalWad: wad('1.2') })
      const unfit = await set(target, { warning: '1.16' })
      expect(unfit.after).toEqual({ warningWad: wad('1.16'), criticalWad: wad('1.04') })
      const usual = await set(target, { warning: '1.4', critical: null })
      expect(usual.after).toEqual({ warningWad: wad('1.4'), criticalWad: wad('1.1') })
    }
    expect((await change(wallet(), null)).after).toBeNull()
  })

  it('the closest place counts: loan, then protocol, then wallet, then chat', async () => {
    expect(await effect(chat, '1.9')).toEqual([
      '1a 1900 chat ←',
      '1b 1900 chat ←',
      '1c 1900 chat ←',
      '2a 1900 chat ←',
    ])
    expect(await effect(wallet(), '1.8')).toEqual([
      '1a 1800 wallet ←',
      '1b 1800 wallet ←',
      '1c 1800 wallet ←',
    ])
    expect(await effect(protocol(), '1.7')).toEqual(['1a 1700 protocol ←', '1b 1700 protocol ←'])
    expect(await effect(position(), '1.6')).toEqual(['1a 1600 position ←'])
    expect(await effect(chat, '2')).toEqual([
      '1a 1600 position',
      '1b 1700 protocol',
      '1c 1800 wallet',
      '2a 2000 chat ←',
    ])
    expect(await effect(wallet(), '2.1')).toEqual([
      '1a 1600 position',
      '1b 1700 protocol',
      '1c 2100 wallet ←',
    ])
    expect(await effect(protocol(), '2.2')).toEqual(['1a 1600 position', '1b 2200 protocol ←'])
  })

  it('a line that is taken away lets the next place count', async () => {
    await change(wallet(), '1.8')
    await change(protocol(), '1.7')
    await change(position(), '1.6')
    expect(await effect(position(), null)).toEqual(['1a 1700 protocol ←'])
    expect(await effect(protocol(), null)).toEqual(['1a 1800 wallet ←', '1b 1800 wallet ←'])
    expect(await effect(wallet(), null)).toEqual(['1a 1500 chat ←', '1b 1500 chat ←', '1c 1500 chat ←'])
    expect(await effect(wallet(), null)).toEqual(['1a 1500 chat', '1b 1500 chat', '1c 1500 chat'])
    expect(await thresholdsOf(store.db, [watch.id])).toEqual([])
  })

  it('the chat goes back to the default when its line is taken away', async () => {
    await change(chat, '1.9')
    const { before, loans } = await change(chat, null)
    expect(before).toBe(wad('1.9'))
    expect(loans.map(({ lines }) => lines.warningWad)).toEqual(Array.from({ length: 4 }, () => wad('1.5')))
  })

  it('a proposal gives way to whatever a person sets for its wallet, and counts before the chat', async () => {
    await setThreshold(store.db, {
      watchId: watch.id,
      scope: 'proposed',
      target: loan.ref.key,
      warningWad: wad('1.2'),
    })
    expect(await effect(chat, '1.9')).toContain('1a 1200 proposed')
    expect(await effect(wallet(), '1.8')).toContain('1a 1800 wallet ←')
    expect(await effect(wallet(), null)).toContain('1a 1200 proposed ←')
    expect(await effect(position(), '1.4')).toEqual(['1a 1400 position ←'])
    expect(await effect(position(), null)).toEqual(['1a 1200 proposed ←'])
  })

  it('tells the line that it replaced at the same place, and only there', async () => {
    expect(await change(chat, '1.9')).toMatchObject({ before: wad('1.5') })
    expect(await change(wallet(), '1.8')).toMatchObject({ before: null })
    expect(await change(wallet(), '1.7')).toMatchObject({ before: wad('1.8') })
    expect(await change(protocol(), null)).toMatchObject({ before: null })
    expect(await change(position(), '1.3')).toMatchObject({ before: null })
    expect(await change(position(), null)).toMatchObject({ before: wad('1.3') })
  })

  it('setting the same line again moves nothing', async () => {
    await change(wallet(), '1.8')
    expect(await effect(wallet(), '1.8')).toEqual(['1a 1800 wallet', '1b 1800 wallet', '1c 1800 wallet'])
  })

  it('moves the states of the loans in reach, both ways, and commits to telling nothing', async () => {
    await save([loan, sibling], { last: verified(wad('1.6')), lastBlock: 100 })
    await save([morpho], { level: 'warning', episode: 4, seq: 9, last: verified(wad('1.4')), lastBlock: 100 })
    const raised = await change(wallet(), '2')
    expect(raised.loans.map(({ level }) => level)).toEqual(['warning', 'warning', 'warning'])
    expect(await stateOf(loan)).toMatchObject({
      level: 'warning',
      episode: 1,
      seq: 0,
      ringHealthWad: wad('1.6'),
    })
    expect(await stateOf(morpho)).toMatchObject({ level: 'warning', episode: 4, seq: 9 })
    const lowered = await change(wallet(), '1.3')
    expect(lowered.loans.map(({ level }) => level)).toEqual(['safe', 'safe', 'safe'])
    expect(await stateOf(morpho)).toMatchObject({ level: 'safe', ringHealthWad: null, seq: 9 })
    expect(await outboxKeys(store.db)).toEqual([])
  })

  it('does not move a loan that keeps a closer line, nor one that is liquidatable', async () => {
    await change(position(), '1.3')
    await save([loan], { last: verified(wad('1.6')), lastBlock: 100 })
    await save([sibling], { level: 'liquidatable', last: verified(wad('0.9')), lastBlock: 100, episode: 1 })
    const before = [await stateOf(loan), await stateOf(sibling)]
    const { loans } = await change(wallet(), '2')
    expect(loans.map(({ level }) => level)).toEqual(['safe', 'liquidatable', 'safe'])
    expect([await stateOf(loan), await stateOf(sibling)]).toEqual(before)
  })

  it('leaves out a loan that is closed', async () => {
    await save([loan], { closed: true, last: verified(wad('1.2')) })
    const before = await stateOf(loan)
    expect(await effect(wallet(), '2')).toEqual(['1b 2000 wallet ←', '1c 2000 wallet ←'])
    expect(await stateOf(loan)).toEqual(before)
  })

  it('concerns the same wallet in another chat, and other wallets, not at all', async () => {
    await addWatcher(store.db, { chatId: 2, owner: OWNER })
    const state = stateWith({ last: verified(wad('1.6')) })
    await saveStates(store.db, [
      { chatId: 2, positionId: loan.id, state },
      { chatId: 1, positionId: elsewhere.id, state },
    ])
    await change(wallet(), '3')
    expect([await stateOf(loan, 2), await stateOf(elsewhere)]).toEqual([state, state])
  })

  it('changes nothing about a wallet of another chat', async () => {
    const foreign = await addWatcher(store.db, { chatId: 2, owner: OTHER })
    await change({ kind: 'wallet', watchId: foreign.id }, '3').catch(() => undefined)
    expect(await thresholdsOf(store.db, [foreign.id])).toEqual([])
  })

  it('the next reading rings for a deeper level, and not for the one the answer told', async () => {
    await save([loan, sibling], { last: verified(wad('1.6')), lastBlock: 100 })
    await change(wallet(), '2')
    await commitTransitions(store.db, {
      readings: [
        { position: loan, reading: reading(101, wad('1.6')) },
        { position: sibling, reading: reading(101, wad('1.2')) },
      ],
      nowMs: NOW + 15_000,
      decide,
    })
    expect(await outboxKeys(store.db)).toEqual([`critical:1:${sibling.id}:1:1`])
  })
})
