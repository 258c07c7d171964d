import { describe, expect, it } from 'vitest'
import { saveStates } from '../../db/alert-states.ts'
import { setChatState } from '../../db/chats.ts'
import { restSettled } from '../../db/positions.ts'
import { databases, useDatabase } from './databases.ts'
import { addPosition, addWatcher, isActive, ownerOf, refOf, stateWith } from './store-kit.ts'

/** Later than every block that the states here know. */
const BLOCK = 1_000

describe.each(databases)('restSettled on $name', (kind) => {
  const store = useDatabase(kind)

  async function watchedPosition(chatIds: readonly number[]) {
    const owner = ownerOf(1)
    for (const chatId of chatIds) await addWatcher(store.db, { chatId, owner })
    return await addPosition(store.db, refOf(owner))
  }

  it('stops reading a position without debt that is safe in every chat', async () => {
    const position = await watchedPosition([1, 2])
    await saveStates(
      store.db,
      [1, 2].map((chatId) => ({ chatId, positionId: position.id, state: stateWith({}) })),
    )
    await restSettled(store.db, { withoutDebt: [{ id: position.id, block: BLOCK }], gone: [] })
    expect(await isActive(store.db, position)).toBe(false)
  })

  it.each(['warning', 'critical', 'liquidatable'] as const)(
    'goes on reading a position without debt that one chat still has as %s',
    async (level) => {
      const position = await watchedPosition([1, 2])
      await saveStates(store.db, [
        { chatId: 1, positionId: position.id, state: stateWith({}) },
        { chatId: 2, positionId: position.id, state: stateWith({ level }) },
      ])
      await restSettled(store.db, { withoutDebt: [{ id: position.id, block: BLOCK }], gone: [] })
      expect(await isActive(store.db, position)).toBe(true)
    },
  )

  it('stops reading a position that is gone only when every chat has it as closed', async () => {
    const position = await watchedPosition([1, 2])
    const closed = { chatId: 1, positionId: position.id, state: stateWith({ closed: true }) }
    await saveStates(store.db, [closed, { ...closed, chatId: 2, state: stateWith({}) }])
    await restSettled(store.db, { withoutDebt: [], gone: [{ id: position.id, block: BLOCK }] })
    expect(await isActive(store.db, position)).toBe(true)
    await saveStates(store.db, [{ ...closed, chatId: 2 }])
    await restSettled(store.db, { withoutDebt: [], gone: [{ id: position.id, block: BLOCK }] })
    expect(await isActive(store.db, position)).toBe(false)
  })

  it('does not wait for a chat that wants no alerts', async () => {
    const position = await watchedPosition([1, 2])
    await saveStates(store.db, [
      { chatId: 1, positionId: position.id, state: stateWith({ closed: true }) },
      { chatId: 2, positionId: position.id, state: stateWith({ level: 'critical' }) },
    ])
    await setChatState(store.db, { chatId: 2, state: 'unreachable' })
    await restSettled(store.db, { withoutDebt: [], gone: [{ id: position.id, block: BLOCK }] })
    expect(await isActive(store.db, position)).toBe(false)
  })

  it('does not believe a look that is older than what a chat has seen', async () => {
    const position = await watchedPosition([1])
    const state = stateWith({ lastBlock: BLOCK + 5 })
    await saveStates(store.db, [{ chatId: 1, positionId: position.id, state }])
    await restSettled(store.db, { withoutDebt: [{ id: position.id, block: BLOCK }], gone: [] })
    expect(await isActive(store.db, position)).toBe(true)
    await restSettled(store.db, { withoutDebt: [{ id: position.id, block: BLOCK + 5 }], gone: [] })
    expect(await isActive(store.db, position)).toBe(false)
  })

  it('touches only the positions it is given', async () => {
    const given = await watchedPosition([1])
    const other = await addPosition(store.db, refOf(ownerOf(1), '0xother'))
    await restSettled(store.db, { withoutDebt: [], gone: [] })
    expect(await isActive(store.db, given)).toBe(true)
    await restSettled(store.db, { withoutDebt: [{ id: given.id, block: BLOCK }], gone: [] })
    expect([await isActive(store.db, given), await isActive(store.db, other)]).toEqual([false, true])
  })
})
