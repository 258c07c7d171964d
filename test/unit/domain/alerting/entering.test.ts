import { describe, expect, it } from 'vitest'
import { levelUnder } from '../../../../src/domain/alerting/levels.ts'
import { linesFor } from '../../../../src/domain/thresholds.ts'
import { series, transitionsOf, wad } from './series.ts'

describe('entering a level', () => {
  it('rings at the first reading under a line', () => {
    expect(series('1.6 1.49')).toEqual(['warning'])
    expect(series('1.6 1.1')).toEqual(['critical'])
    expect(series('1.6 0.99')).toEqual(['liquidatable'])
  })

  it('says nothing while health stays above the line', () => {
    expect(series('1.6 1.9 3 1.51 1000000')).toEqual([])
  })

  it('counts a health exactly on the warning line as under it, and one wei above as not', () => {
    expect(series('1.6 1.5')).toEqual(['warning'])
    expect(series('1.6 1.500000000000000001')).toEqual([])
  })

  it('counts a health exactly on the critical line as under it, and one wei above as only a warning', () => {
    expect(series('1.6 1.125')).toEqual(['critical'])
    expect(series('1.6 1.125000000000000001')).toEqual(['warning'])
  })

  it('takes liquidatable from the protocol, not from the ratio', () => {
    expect(series('1.6 liq:1.2')).toEqual(['liquidatable'])
    expect(series('1.6 1')).toEqual(['critical'])
  })

  it('rings at once when the very first reading is under the line', () => {
    expect(series('1.4')).toEqual(['warning'])
    expect(series('1.05')).toEqual(['critical'])
    expect(series('0.9')).toEqual(['liquidatable'])
  })

  it('rings once, for the deepest level, when health falls through several lines', () => {
    expect(series('1.9 0.97')).toEqual(['liquidatable'])
  })

  it('rings again for each deeper level', () => {
    expect(series('1.6 1.4 1.1 0.99')).toEqual(['warning', 'critical', 'liquidatable'])
  })

  it('does not ring again while health stays at a level', () => {
    expect(series('1.6 1.4 1.4 1.41 1.39 1.45')).toEqual(['warning'])
  })

  it('says nothing about a deposit without debt', () => {
    expect(series('nodebt nodebt nodebt')).toEqual([])
  })

  it('rings for a debt taken later on top of a deposit', () => {
    expect(series('nodebt 1.4')).toEqual(['warning'])
  })

  it('uses the line that applies at the time of the reading', () => {
    expect(series('1.4', { warning: 1.3 })).toEqual([])
    expect(series('1.4 line:1.45 1.4', { warning: 1.3 })).toEqual(['warning'])
  })

  it('does not ring again when the line is raised during an episode', () => {
    expect(series('1.4 line:1.6 1.4 1.4')).toEqual(['warning'])
  })

  it('carries what was known before, the reading that rang and the lines it was held against', () => {
    const [transition] = transitionsOf('1.6 1.1')
    expect(transition).toMatchObject({
      kind: 'critical',
      from: 'safe',
      to: 'critical',
      newLow: false,
      lines: { warningWad: wad('1.5'), criticalWad: wad('1.125') },
      before: { health: { noDebt: false, healthWad: wad('1.6') }, block: 1_000_001, endpoint: 'first' },
      reading: { health: { noDebt: false, healthWad: wad('1.1') }, block: 1_000_002, endpoint: 'first' },
      unseen: null,
    })
  })

  it('knows nothing from before at the first reading', () => {
    expect(transitionsOf('1.4')[0]?.before).toBeNull()
  })
})

describe('levelUnder', () => {
  const lines = linesFor(wad('1.5'))
  const level = (health: string, liquidatable = false) =>
    levelUnder({ noDebt: false, healthWad: wad(health), liquidatable }, lines)

  it('names the deepest line that a health is on or under', () => {
    expect(level('1.500000000000000001')).toBe('safe')
    expect(level('1.5')).toBe('warning')
    expect(level('1.125000000000000001')).toBe('warning')
    expect(level('1.125')).toBe('critical')
    expect(level('0.2')).toBe('critical')
    expect(level('9', true)).toBe('liquidatable')
  })

  it('is safe without debt', () => {
    expect(levelUnder({ noDebt: true }, lines)).toBe('safe')
  })
})
