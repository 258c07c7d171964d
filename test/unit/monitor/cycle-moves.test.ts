import { describe, expect, it, vi } from 'vitest'
import type { Reading } from '../../../src/domain/position.ts'
import type { CycleDeps } from '../../../src/monitor/cycle.ts'
import { NOW_MS, reading } from '../views/kit.ts'
import { positionsOf, setUp, WHOLE } from './cycle-kit.ts'
import { refOf, strategyDouble } from './kit.ts'

describe('a debt that moved', () => {
  const [first, second] = positionsOf(2, ['euler'])
  if (!first || !second) throw new Error('two positions were made')
  const movedTo = refOf('euler/elsewhere', first.ref.owner)
  const { block, endpoint } = reading('1.6')
  const gone: Reading = { kind: 'none', movedTo, block, endpoint }
  const strategy = strategyDouble('euler', (refs) =>
    Promise.resolve(refs.map(({ key }) => (key === first.ref.key ? gone : reading('1.6')))),
  )

  it('is stored where it went before what was read is', async () => {
    const order: string[] = []
    const move = vi.fn<CycleDeps['move']>(() => Promise.resolve(void order.push('move')))
    const { run, committed, errors } = setUp([first, second], {
      strategies: [strategy],
      move,
      commit: () => {
        order.push('commit')
        return Promise.resolve([])
      },
    })
    expect(await run(WHOLE)).toMatchObject({ positions: 2, unknown: 0 })
    expect(order).toEqual(['move', 'commit'])
    expect(move.mock.calls).toEqual([[{ from: first, to: movedTo, block: block.number, nowMs: NOW_MS }]])
    expect(committed().get(first.ref.key)).toEqual(gone)
    expect(errors).toEqual([])
  })

  it('counts as not seen when it cannot be stored there, and the others are stored as they were read', async () => {
    const locked = new Error('database is locked')
    const onMoveError = vi.fn()
    const { run, committed, errors } = setUp([first, second], {
      strategies: [strategy],
      move: () => Promise.reject(locked),
      onMoveError,
    })
    expect(await run(WHOLE)).toMatchObject({ positions: 2, unknown: 1, failedBatches: 0 })
    expect(onMoveError.mock.calls).toEqual([[locked, first.ref]])
    expect(committed().get(first.ref.key)).toMatchObject({ kind: 'unknown' })
    expect(committed().get(second.ref.key)).toEqual(reading('1.6'))
    expect(errors).toEqual([])
  })

  it('is not one that is simply gone', async () => {
    const move = vi.fn<CycleDeps['move']>(() => Promise.resolve())
    const none: Reading = { kind: 'none', block, endpoint }
    const { run, committed } = setUp([first], {
      strategies: [strategyDouble('euler', () => Promise.resolve([none]))],
      move,
    })
    await run(WHOLE)
    expect(move).not.toHaveBeenCalled()
    expect(committed().get(first.ref.key)).toEqual(none)
  })
})
