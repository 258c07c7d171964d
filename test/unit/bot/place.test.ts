import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { freePlace, markOf, parsePlace, storedPlace } from '../../../src/bot/place.ts'
import { PROTOCOL_IDS } from '../../../src/domain/position.ts'
import { ownerAt, refOf } from '../monitor/kit.ts'

const anyLoan = fc.record({
  protocol: fc.constantFrom(...PROTOCOL_IDS),
  market: fc.string(),
  index: fc.nat(),
})

describe('the loan behind a button', () => {
  it('is found again by its stored ids, however large', () => {
    const big = Number.MAX_SAFE_INTEGER
    expect(parsePlace(storedPlace(7, 100))).toEqual({ kind: 'stored', watchId: 7, positionId: 100 })
    expect(parsePlace(storedPlace(big, big))).toEqual({ kind: 'stored', watchId: big, positionId: big })
  })

  it('is found again by its owner and key where it is not stored, within the room there is', () => {
    fc.assert(
      fc.property(anyLoan, ({ protocol, market, index }) => {
        const ref = refOf(`${protocol}/${market}`, ownerAt(index))
        const place = freePlace(ref)
        expect(place).toHaveLength(50)
        // The longest action, and the longest number that a button carries.
        expect(`rout:${place}:10.1234`.length).toBeLessThanOrEqual(64)
        expect(parsePlace(place)).toEqual({
          kind: 'free',
          owner: ref.owner,
          protocol,
          mark: markOf(ref.key),
        })
      }),
    )
  })

  it('is none for anything forged', () => {
    for (const text of ['', ':', '1', '1:', 'x:1', '1:1x', `${'a'.repeat(40)}:z00000000`, '__proto__:1']) {
      expect(parsePlace(text), text).toBeUndefined()
    }
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => parsePlace(text)).not.toThrow()
      }),
    )
  })
})
