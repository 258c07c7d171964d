import { describe, expect, it } from 'vitest'
import { isBadDebt, isDust } from '../../../../src/domain/alerting/levels.ts'
import { DEFAULT_SETTINGS } from '../../../../src/domain/chat-settings.ts'
import { play, series, stateAfter, stepsOf, transitionsOf, wad } from './series.ts'

describe('a debt under the floor', () => {
  it('does not ring, whatever its health', () => {
    expect(series('dust:1.4 dust:1.1 dust:0.5')).toEqual([])
  })

  it('is shown as it is', () => {
    expect(stateAfter('dust:0.5').last?.health).toEqual({
      noDebt: false,
      healthWad: wad('0.5'),
      liquidatable: true,
    })
  })

  it('rings as soon as it grows over the floor', () => {
    expect(series('dust:1.1 1.1')).toEqual(['critical'])
  })

  it('that was larger recovers after it has held, and says why', () => {
    expect(series('1.1 dust:1.1 +60s dust:1.1')).toEqual(['critical', 'recovered'])
    expect(transitionsOf('1.1 dust:1.1 +60s dust:1.1').at(-1)).toMatchObject({ dust: true, to: 'safe' })
  })

  it('wakes nobody when it cannot be seen', () => {
    expect(series('dust:1.1 ? +1h ?')).toEqual([])
  })

  it('is what the chat says it is', () => {
    expect(series('dust:1.1', { rules: { dustFloorCents: 50 } })).toEqual(['critical'])
    expect(series('dust:1.1', { rules: { dustFloorCents: 0 } })).toEqual(['critical'])
    expect(series('1.1', { rules: { dustFloorCents: 1_000_001 } })).toEqual([])
  })

  it('is no debt that an oracle calls worthless, and none in a unit that is no dollar', () => {
    const health = { noDebt: false, healthWad: wad('1.1'), liquidatable: false } as const
    const debt = (amount: bigint, decimals = 2) => ({ amount, decimals })
    expect(isDust({ health, debt: debt(0n), unit: 'USD' }, 100)).toBe(false)
    expect(isDust({ health, debt: debt(50n), unit: 'other:WMON' }, 100)).toBe(false)
    expect(isDust({ health, debt: debt(99n), unit: 'USD' }, 100)).toBe(true)
    expect(isDust({ health, debt: debt(100n), unit: 'USD' }, 100)).toBe(false)
    expect(isDust({ health, debt: debt(10n ** 36n - 1n, 36), unit: 'USD' }, 100)).toBe(true)
    expect(isDust({ health, debt: debt(10n ** 36n, 36), unit: 'USD' }, 100)).toBe(false)
  })
})

describe('a floor that is no whole number of cents', () => {
  const worth = (amount: bigint, floor: number) =>
    isDust(
      {
        health: { noDebt: false, healthWad: wad('1.1'), liquidatable: false },
        debt: { amount, decimals: 2 },
        unit: 'USD',
      },
      floor,
    )

  it('never throws and never hides what it cannot judge', () => {
    expect(worth(50n, 50.5)).toBe(true)
    expect(worth(51n, 50.5)).toBe(false)
    expect([Number.NaN, -1, 0].some((floor) => worth(1n, floor))).toBe(false)
    expect(worth(1n, Number.POSITIVE_INFINITY)).toBe(true)
  })
})

describe('a loan whose collateral no longer covers its debt', () => {
  const rules = { repeatMinutes: DEFAULT_SETTINGS.repeatMinutes }

  it('rings once in an episode, without repeats and new lows', () => {
    expect(series('bad:0.6 bad:0.5 +1h bad:0.5', { rules })).toEqual(['liquidatable'])
    expect(transitionsOf('bad:0.6')[0]).toMatchObject({ kind: 'liquidatable', badDebt: true })
  })

  it('rings when it comes to that at a level that was told, and that once', () => {
    expect(series('0.9 bad:0.6 bad:0.6 0.9 bad:0.6', { rules })).toEqual(['liquidatable', 'liquidatable'])
    expect(transitionsOf('0.9 bad:0.6').at(-1)).toMatchObject({ badDebt: true, newLow: false, repeat: false })
  })

  it('rings for that once, although it covers the debt for a while and says that it is liquidatable still', () => {
    expect(series('bad:0.6 +10min 0.6 bad:0.6', { rules })).toEqual(['liquidatable', 'repeat:liquidatable'])
  })

  it('rings at the health of that moment, which may be above the one that rang before', () => {
    const [, , better] = transitionsOf('0.9 bad:0.95 1.05 1.05')
    expect(better).toMatchObject({ kind: 'recovered', rangAtWad: wad('0.95') })
  })

  it('waits with that for the end of a snooze', () => {
    expect(series('0.9 snooze:1h bad:0.6 +59min bad:0.6')).toEqual(['liquidatable'])
    expect(series('0.9 snooze:1h bad:0.6 +60min bad:0.6')).toEqual(['liquidatable', 'liquidatable'])
  })

  it('rings nothing for what was liquidatable before Buoy kept count of its alarms', () => {
    const from = { ...stateAfter('bad:0.6'), ring: null, lastBlock: 0 }
    expect(series('bad:0.6 +1h bad:0.6', { from, rules })).toEqual([])
  })

  it('is said to be visible again where nothing else is said', () => {
    expect(series('bad:0.6 1.05 1.05 ? +10min ? bad:0.6')).toEqual([
      'liquidatable',
      'recovered:critical',
      'blind',
      'sighted',
    ])
  })

  it('rings no second time after a recovery within the episode', () => {
    expect(series('bad:0.6 1.05 1.05 bad:0.6', { rules })).toEqual(['liquidatable', 'recovered:critical'])
  })

  it('rings in the next episode', () => {
    expect(series('bad:0.6 1.7 1.7 +60s 1.7 bad:0.6', { rules })).toEqual([
      'liquidatable',
      'recovered:critical',
      'recovered',
      'liquidatable',
    ])
  })

  it('is told by the worth of both sides, whatever their decimals', () => {
    const health = { noDebt: false, healthWad: wad('0.5'), liquidatable: true } as const
    const side = (amount: bigint, decimals: number) => ({ amount, decimals })
    expect(isBadDebt({ health, collateral: side(99n, 0), debt: side(10_000n, 2) })).toBe(true)
    expect(isBadDebt({ health, collateral: side(100n, 0), debt: side(10_000n, 2) })).toBe(false)
    expect(isBadDebt({ health, collateral: side(0n, 18), debt: side(1n, 2) })).toBe(true)
    // Not the contract's word: the collateral is counted with another price than the debt, or shown in part.
    expect(
      isBadDebt({ health: { ...health, liquidatable: false }, collateral: side(1n, 0), debt: side(2n, 0) }),
    ).toBe(false)
    // What is shown weighed may well be worth more.
    const weighed = { health, collateralNote: 'weighed', debt: side(100n, 0) } as const
    expect(isBadDebt({ ...weighed, collateral: side(99n, 0) })).toBe(false)
    expect(isBadDebt({ ...weighed, collateral: side(0n, 0) })).toBe(true)
    expect(isBadDebt({ health: { noDebt: true }, collateral: side(0n, 0), debt: side(0n, 0) })).toBe(false)
  })

  it('is remembered as weighed where it is shown so', () => {
    const [step] = stepsOf('1.6')
    if (step?.reading.kind !== 'ok') throw new Error('no reading')
    const weighed = { ...step, reading: { ...step.reading, collateralNote: 'weighed' as const } }
    expect(play([weighed])[0]?.decision.state.last).toHaveProperty('collateralNote', 'weighed')
    expect(stateAfter('1.6').last).not.toHaveProperty('collateralNote')
  })
})
