import { describe, expect, it } from 'vitest'
import { createCalm } from '../../../src/domain/calm.ts'
import { WAD } from '../../../src/domain/units.ts'

const MINUTE = 60_000

function setUp() {
  const clock = { ms: 1_800_000_000_000 }
  return { clock, calm: createCalm({ now: () => clock.ms }) }
}

/** `over` in thousandths of the health of 1.5. */
function health(over = 0n): bigint {
  return (15n * WAD * (1_000n + over)) / 10_000n
}

describe('markets', () => {
  it('are not known to be calm before any position was looked at twice', () => {
    const { calm } = setUp()
    expect(calm.isCalm()).toBe(false)
    calm.observe('a', health())
    calm.observe('b', health(500n))
    expect(calm.isCalm()).toBe(false)
    calm.observe('a', health())
    expect(calm.isCalm()).toBe(true)
  })

  it.each([
    [10n, true],
    [-10n, true],
    [11n, false],
    [-11n, false],
    [-900n, false],
  ])('after a move of %s per mille in one position are calm: %s', (move, expected) => {
    const { calm } = setUp()
    for (const key of ['a', 'b', 'c']) calm.observe(key, health())
    for (const key of ['a', 'b']) calm.observe(key, health())
    calm.observe('c', health(move))
    expect(calm.isCalm()).toBe(expected)
  })

  it('are calm again ten minutes after the last move', () => {
    const { calm, clock } = setUp()
    calm.observe('a', health())
    calm.observe('a', health(200n))
    for (let minute = 0; minute < 10; minute += 1) {
      expect(calm.isCalm()).toBe(false)
      clock.ms += MINUTE
      calm.observe('a', health(200n))
    }
    expect(calm.isCalm()).toBe(true)
  })

  it('are not known to be calm when nothing was looked at for ten minutes', () => {
    const { calm, clock } = setUp()
    calm.observe('a', health())
    calm.observe('a', health())
    clock.ms += 10 * MINUTE - 1
    expect(calm.isCalm()).toBe(true)
    clock.ms += 1
    expect(calm.isCalm()).toBe(false)
  })

  it('that fall in steps of less than the limit are not calm', () => {
    const { calm, clock } = setUp()
    for (let look = 0n; look < 4n; look += 1n) {
      calm.observe('a', health(look * -4n))
      clock.ms += 15_000
    }
    expect(calm.isCalm()).toBe(false)
  })

  it('that drift as slowly as interest does are calm', () => {
    const { calm, clock } = setUp()
    for (let look = 0n; look < 200n; look += 1n) {
      calm.observe('a', health() - (health() / 1_000_000n) * look * 100n)
      clock.ms += 15_000
    }
    expect(calm.isCalm()).toBe(true)
  })

  it('a health of zero that stays zero is no move, and one that leaves zero is', () => {
    const { calm } = setUp()
    calm.observe('a', 0n)
    calm.observe('a', 0n)
    expect(calm.isCalm()).toBe(true)
    calm.observe('a', 1n)
    expect(calm.isCalm()).toBe(false)
  })
})

describe('more positions than are remembered', () => {
  it('are a sample that still notices a move', () => {
    const { calm, clock } = setUp()
    for (let round = 0n; round < 3n; round += 1n) {
      for (let position = 0; position < 12_000; position += 1) calm.observe(`p${position}`, health())
      clock.ms += 15_000
    }
    expect(calm.isCalm()).toBe(true)
    calm.observe('p0', health(50n))
    expect(calm.isCalm()).toBe(false)
  })

  it('make room once others are no longer looked at', () => {
    const { calm, clock } = setUp()
    for (let position = 0; position < 10_000; position += 1) calm.observe(`gone${position}`, health())
    calm.observe('new', health())
    calm.observe('new', health(50n))
    expect(calm.isCalm()).toBe(false)
    clock.ms += 11 * MINUTE
    calm.observe('new', health())
    calm.observe('new', health())
    expect(calm.isCalm()).toBe(true)
  })
})
