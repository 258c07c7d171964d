import { describe, expect, it } from 'vitest'
import { PROTOCOL_IDS } from '../../../src/domain/position.ts'
import { LEVEL_ICONS, PROTOCOL_NAMES, positionName, walletName } from '../../../src/views/names.ts'
import { aRef, OWNER } from './kit.ts'

describe('walletName', () => {
  it('is the label', () => {
    expect(walletName({ label: 'Main', owner: OWNER })).toBe('Main')
  })

  it('is the short address without a label, or with one that shows nothing', () => {
    for (const label of [null, '', ' ', '\u200b\u202e', '\n']) {
      expect(walletName({ label, owner: OWNER })).toBe('0x1234…5678')
    }
  })
})

describe('positionName', () => {
  it('is protocol and market', () => {
    expect(positionName(aRef())).toBe('Morpho WMON/USDC')
  })

  it('says the protocol once where the market begins with it', () => {
    expect(positionName(aRef({ protocol: 'neverland', marketName: 'Neverland' }))).toBe('Neverland')
    expect(positionName(aRef({ marketName: 'MORPHO blue' }))).toBe('MORPHO blue')
  })

  it('never lets a market name hide the protocol', () => {
    expect(positionName(aRef({ protocol: 'euler', marketName: 'Morpho WMON' }))).toBe('Euler Morpho WMON')
    expect(positionName(aRef({ marketName: '\u202e' }))).toContain('Morpho')
  })
})

describe('names', () => {
  it('exist for every protocol and are what people write', () => {
    expect(PROTOCOL_IDS.map((id) => PROTOCOL_NAMES[id].toLowerCase())).toEqual([...PROTOCOL_IDS])
  })

  it('mark every level differently', () => {
    expect(new Set(Object.values(LEVEL_ICONS)).size).toBe(4)
  })
})
