import { describe, expect, it } from 'vitest'
import { leaveMarginWad } from '../../../../src/domain/alerting/levels.ts'
import { blockAt, play, series, stepsOf, wad, wordFor } from './series.ts'

describe('leaving warning', () => {
  it('takes two readings clear of the line and 60 seconds between them', () => {
    expect(series('1.6 1.4 1.4 1.7 +60s 1.7')).toEqual(['warning', 'recovered'])
  })

  it('does not happen on one reading, however late it comes', () => {
    expect(series('1.4 +2h 1.7')).toEqual(['warning'])
  })

  it('does not happen one second early', () => {
    expect(series('1.4 1.7 +59s 1.7')).toEqual(['warning'])
    expect(series('1.4 1.7 +59s 1.7 +1s 1.7')).toEqual(['warning', 'recovered'])
  })

  it('needs the whole margin: a tenth of the distance from 1 to the line', () => {
    expect(series('1.4 1.55 +60s 1.55')).toEqual(['warning', 'recovered'])
    expect(series('1.4 1.549999999999999999 +60s 1.549999999999999999')).toEqual(['warning'])
    expect(series('1.4 1.55 +60s 1.549999999999999999')).toEqual(['warning'])
  })

  it('needs at least 0.001 where a tenth of the distance is less', () => {
    const warning = 1.005
    expect(series('1.004 1.006 +60s 1.006', { warning })).toEqual(['warning', 'recovered'])
    expect(series('1.004 1.0059 +60s 1.0059', { warning })).toEqual(['warning'])
  })

  it('starts anew after a reading that was not clear', () => {
    expect(series('1.4 1.7 1.52 +60s 1.7')).toEqual(['warning'])
    expect(series('1.4 1.7 1.52 +60s 1.7 +60s 1.7')).toEqual(['warning', 'recovered'])
  })

  it('is not held up by a failed read in between', () => {
    expect(series('1.4 1.7 ? +60s 1.7')).toEqual(['warning', 'recovered'])
  })

  it('does not count a failed read as a clear one', () => {
    expect(series('1.4 1.7 +30s ? +30s ?')).toEqual(['warning'])
  })

  it('does not count the same block twice', () => {
    expect(series('1.4 1.7 +60s same +60s same')).toEqual(['warning'])
  })

  it('counts paying the debt back as clear', () => {
    expect(series('1.4 nodebt')).toEqual(['warning'])
    expect(series('1.4 nodebt +60s nodebt')).toEqual(['warning', 'recovered'])
  })

  it('measures the 60 seconds in block time, not by the clock of the machine', () => {
    const [under, clear, later] = stepsOf('1.4 1.7 +60s 1.7')
    if (!under || !clear || later?.reading.kind !== 'ok') throw new Error('not the story meant')
    const slowChain = {
      ...later,
      reading: { ...later.reading, block: blockAt(1_000_003, clear.nowMs + 59_000) },
    }
    const played = play([under, clear, { ...slowChain, nowMs: clear.nowMs + 3_600_000 }])
    expect(played.flatMap(({ decision }) => decision.transitions.map(wordFor))).toEqual(['warning'])
  })

  it('holds against the line that applies when the reading comes', () => {
    expect(series('1.4 line:1.3 1.4 +60s 1.4')).toEqual(['warning', 'recovered'])
    expect(series('1.4 line:1.8 1.7 +60s 1.7')).toEqual(['warning'])
  })
})

describe('leaving critical', () => {
  it('goes back to warning while health is between the lines', () => {
    expect(series('1.1 1.1375 +60s 1.1375')).toEqual(['critical', 'recovered:warning'])
    expect(series('1.1 1.137499999999999999 +60s 1.137499999999999999')).toEqual(['critical'])
  })

  it('goes straight back to safe when both lines are cleared together', () => {
    expect(series('1.1 1.7 +60s 1.7')).toEqual(['critical', 'recovered'])
  })

  it('goes step by step when the lines are cleared one after the other', () => {
    expect(series('1.1 1.3 +60s 1.3 1.7 +60s 1.7')).toEqual(['critical', 'recovered:warning', 'recovered'])
  })
})

describe('leaving liquidatable', () => {
  it('takes two readings in which the protocol says no, without a wait', () => {
    expect(series('0.9 1.05')).toEqual(['liquidatable'])
    expect(series('0.9 1.05 +1s 1.05')).toEqual(['liquidatable', 'recovered:critical'])
  })

  it('starts anew when the protocol says yes in between', () => {
    expect(series('0.9 1.05 0.99 1.05')).toEqual(['liquidatable'])
  })

  it('keeps critical for its own minute, counted from the first clear reading', () => {
    expect(series('0.9 1.7 1.7 +44s 1.7')).toEqual(['liquidatable', 'recovered:critical'])
    expect(series('0.9 1.7 1.7 +45s 1.7')).toEqual(['liquidatable', 'recovered:critical', 'recovered'])
  })

  it('goes straight to the level that its second clear reading allows', () => {
    expect(series('0.9 1.3 +60s 1.3')).toEqual(['liquidatable', 'recovered:warning'])
    expect(series('0.9 1.7 +60s 1.7')).toEqual(['liquidatable', 'recovered'])
  })

  it('keeps a health that the protocol still calls liquidatable, whatever its number', () => {
    expect(series('0.9 liq:1.7 +60s liq:1.7 +60s liq:1.7')).toEqual(['liquidatable'])
  })

  it('counts nothing as clear of any line while the protocol calls it liquidatable', () => {
    expect(series('0.9 liq:1.7 +60s 1.7 +1s 1.7')).toEqual(['liquidatable', 'recovered:critical'])
  })
})

describe('leaveMarginWad', () => {
  it('is a tenth of the distance to 1, at least 0.001', () => {
    expect(leaveMarginWad(wad('1.5'))).toBe(wad('0.05'))
    expect(leaveMarginWad(wad('10'))).toBe(wad('0.9'))
    expect(leaveMarginWad(wad('1.01'))).toBe(wad('0.001'))
    expect(leaveMarginWad(wad('1.010000000000000010'))).toBe(wad('0.001000000000000001'))
    expect(leaveMarginWad(wad('1.00025'))).toBe(wad('0.001'))
  })
})
