import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { loadStates, saveStates, stateKey } from '../../db/alert-states.ts'
import { type AlertState, LEVELS, type Verified } from '../../src/domain/alerting/state.ts'
import { databases, useDatabase } from './databases.ts'
import { addPosition, addWatcher, MAX, NOW, ownerOf, refOf, stateWith, verified, wad } from './store-kit.ts'

const uint256 = fc.oneof(fc.bigInt({ min: 0n, max: MAX }), fc.constantFrom(0n, 10n ** 18n, 2n ** 53n, MAX))
const text = fc.string({ unit: 'binary', maxLength: 40 })
const time = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
const count = fc.integer({ min: 0, max: 2 ** 31 - 1 })
const value = fc.record({ amount: uint256, decimals: fc.integer({ min: 0, max: 36 }) })
const clearance = fc.option(fc.record({ readings: count, sinceS: time }))

const verifiedReading: fc.Arbitrary<Verified> = fc.record({
  health: fc.oneof(
    fc.constant({ noDebt: true } as const),
    fc.record({ noDebt: fc.constant(false as const), healthWad: uint256, liquidatable: fc.boolean() }),
  ),
  collateral: value,
  debt: value,
  unit: fc.oneof(
    fc.constant('USD' as const),
    text.map((name) => `other:${name}` as const),
  ),
  block: time,
  blockTimestamp: time,
  endpoint: text,
  atMs: time,
})

const alertState: fc.Arbitrary<AlertState> = fc.record({
  level: fc.constantFrom(...LEVELS),
  blind: fc.boolean(),
  episode: count,
  seq: count,
  lastBlock: time,
  last: fc.option(verifiedReading),
  ringHealthWad: fc.option(uint256),
  clear: fc.record({ liquidatable: clearance, critical: clearance, warning: clearance }),
  unseen: fc.option(
    fc.record({
      sinceMs: time,
      reason: fc.constantFrom('rpc', 'decode', 'oracle', 'reorg'),
      detail: text,
    }),
  ),
  absent: fc.option(fc.record({ block: time, endpoint: text })),
  closed: fc.boolean(),
  firstSeenMs: time,
  seen: fc.option(fc.record({ level: fc.constantFrom(...LEVELS), atMs: time })),
  snooze: fc.option(fc.record({ level: fc.constantFrom(...LEVELS), untilMs: time })),
  ring: fc.option(
    fc.record({
      atMs: time,
      deepSinceMs: fc.option(time),
      escalated: fc.option(fc.constantFrom('warning', 'critical', 'liquidatable')),
      badDebt: fc.boolean(),
    }),
  ),
  liquidation: fc.option(fc.record({ block: time, logIndex: count })),
})

describe.each(databases)('alert states on $name', (kind) => {
  const store = useDatabase(kind)
  let positionId: number

  beforeEach(async () => {
    await addWatcher(store.db, { chatId: 1, owner: ownerOf(1) })
    await addWatcher(store.db, { chatId: 2, owner: ownerOf(1) })
    positionId = (await addPosition(store.db, refOf(ownerOf(1)))).id
  })

  async function roundTrip(state: AlertState): Promise<AlertState | undefined> {
    await saveStates(store.db, [{ chatId: 1, positionId, state }])
    return (await loadStates(store.db, [positionId])).get(stateKey({ chatId: 1, positionId }))
  }

  it('come back with every field as it was', async () => {
    const state: AlertState = {
      level: 'liquidatable',
      blind: true,
      episode: 3,
      seq: 17,
      lastBlock: 32_587_107,
      last: verified(wad('0.987654321098765432')),
      ringHealthWad: wad('1.000000000000000001'),
      clear: { liquidatable: { readings: 1, sinceS: 1_800_000_000 }, critical: null, warning: null },
      unseen: { sinceMs: NOW, reason: 'oracle', detail: 'price oracle of <b>WMON</b> does not answer' },
      absent: { block: 5, endpoint: 'rpc.example:8545' },
      closed: true,
      firstSeenMs: NOW - 1,
      seen: { level: 'critical', atMs: NOW },
      snooze: { level: 'warning', untilMs: NOW + 1 },
      ring: { atMs: NOW - 2, deepSinceMs: NOW - 3, escalated: 'critical', badDebt: true },
      liquidation: { block: 32_587_000, logIndex: 7 },
    }
    expect(await roundTrip(state)).toEqual(state)
  })

  it('come back empty where they were empty', async () => {
    const state = stateWith({})
    expect(await roundTrip(state)).toEqual(state)
  })

  it('keep the largest number of the chain to the last digit', async () => {
    const last = {
      ...verified(MAX),
      collateral: { amount: MAX, decimals: 8 },
      debt: { amount: MAX, decimals: 0 },
    }
    const state = stateWith({ last, ringHealthWad: MAX })
    expect(await roundTrip(state)).toEqual(state)
  })

  it('come back as they were whatever is in them', async () => {
    await fc.assert(
      fc.asyncProperty(alertState, async (state) => {
        expect(await roundTrip(state)).toEqual(state)
      }),
      { numRuns: 150 },
    )
  })

  it('are replaced as a whole, for one chat and position alone', async () => {
    const other = stateWith({ level: 'critical', seq: 5 })
    await saveStates(store.db, [{ chatId: 2, positionId, state: other }])
    await roundTrip(
      stateWith({ level: 'warning', ringHealthWad: 5n, unseen: { sinceMs: 1, reason: 'rpc', detail: '' } }),
    )
    const replacement = stateWith({ level: 'safe', lastBlock: 9 })
    expect(await roundTrip(replacement)).toEqual(replacement)
    const states = await loadStates(store.db, [positionId])
    expect(states.get(stateKey({ chatId: 2, positionId }))).toEqual(other)
    expect(states.size).toBe(2)
  })

  it('are saved and loaded by the thousand, and not at all for none', async () => {
    const owner = ownerOf(2)
    await addWatcher(store.db, { chatId: 1, owner })
    const ids: number[] = []
    for (let index = 0; index < 20; index += 1) {
      ids.push((await addPosition(store.db, refOf(owner, `0x${index}`))).id)
    }
    const chatIds = Array.from({ length: 60 }, (_, index) => 1_000 + index)
    for (const chatId of chatIds) await addWatcher(store.db, { chatId, owner })
    const states = chatIds.flatMap((chatId) =>
      ids.map((id) => ({ chatId, positionId: id, state: stateWith({ seq: chatId + id }) })),
    )
    await saveStates(store.db, states)
    await saveStates(store.db, [])
    const loaded = await loadStates(store.db, ids)
    expect(loaded.size).toBe(1_200)
    for (const { state, ...key } of states) expect(loaded.get(stateKey(key))).toEqual(state)
    expect((await loadStates(store.db, [])).size).toBe(0)
  })
})
