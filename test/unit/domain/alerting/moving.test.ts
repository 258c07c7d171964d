import { describe, expect, it } from 'vitest'
import { series, stateAfter, transitionsOf, wad } from './series.ts'

describe('a debt that moved to another market', () => {
  it('is told after a second read at a later block or from another endpoint, as closing is', () => {
    expect(series('1.6 moved')).toEqual([])
    expect(series('1.6 moved moved')).toEqual(['moved'])
    expect(series('1.6 moved same')).toEqual([])
    expect(series('1.6 moved same@second')).toEqual(['moved'])
    expect(series('1.6 moved 1.6 moved')).toEqual([])
    expect(series('1.6 moved ? moved')).toEqual(['moved'])
    expect(series('1.6 back moved back moved')).toEqual([])
  })

  it('is told once, at any level and while it could not be seen', () => {
    expect(series(`1.6 ${'moved '.repeat(20)}`)).toEqual(['moved'])
    expect(series('0.9 moved moved')).toEqual(['liquidatable', 'moved'])
    expect(series('1.6 +10min ? +1min ? moved moved')).toEqual(['blind', 'moved'])
  })

  it('is told as what the second of two reads says', () => {
    expect(series('1.6 none moved')).toEqual(['moved'])
    expect(series('1.6 moved none')).toEqual(['closed'])
  })

  it('moves silently when there never was a debt, or it was never read', () => {
    for (const story of ['nodebt moved moved', 'moved moved']) {
      expect(series(story)).toEqual([])
      expect(stateAfter(story).closed).toBe(true)
    }
  })

  it('is told with the name of the market, which nothing else carries', () => {
    const told = transitionsOf('1.4 moved moved 1.4 none none')
    expect(told.map(({ kind, movedTo }) => [kind, movedTo])).toEqual([
      ['warning', null],
      ['moved', 'Elsewhere'],
      ['warning', null],
      ['closed', null],
    ])
    expect(told[1]).toMatchObject({
      from: 'warning',
      to: 'safe',
      episode: 1,
      reading: null,
      before: { health: { healthWad: wad('1.4') } },
    })
  })

  it('leaves the old place as closing does', () => {
    expect(stateAfter('1.1 moved')).toMatchObject({ level: 'critical', closed: false })
    expect(stateAfter('1.1 moved moved')).toEqual(stateAfter('1.1 none none'))
  })
})
