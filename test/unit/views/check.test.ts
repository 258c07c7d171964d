import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_UINT256, WAD } from '../../../src/domain/units.ts'
import { walletBlock } from '../../../src/views/check.ts'
import { aPosition, aRef, aWallet, NOW_MS, OWNER, reading, seen, unknown, verified } from './kit.ts'

const text = (over: Parameters<typeof aWallet>[0]): string => walletBlock(aWallet(over)).text
const named = (marketName: string, over: Parameters<typeof aPosition>[0] = {}) =>
  aPosition({ ref: aRef({ marketName, key: marketName }), ...over })

describe('a wallet in /check', () => {
  it('reads like this', () => {
    const positions = [
      named('SAFE', { reading: reading('1.6') }),
      named('LOW', { reading: reading('1.08') }),
      named('DEPOSIT', { reading: reading('nodebt') }),
      named('GONE', { reading: reading('0.97') }),
      named('DARK', { reading: unknown(), last: verified('1.3', { atMs: NOW_MS - 900_000 }) }),
    ]
    expect(text({ positions, protocols: [seen('morpho'), seen('euler')] })).toBe(
      [
        `Main ${OWNER}`,
        '❔ Morpho DARK · I cannot see it: rpc.example: no answer',
        '   Last seen 13:47 UTC: health 1.30. It may be worse by now.',
        '🆘 Morpho GONE · health 0.97 · can be liquidated now',
        '   collateral $12,345.00 · debt $10,000.00 · rings at 1.50',
        '🔴 Morpho LOW · health 1.08 · 7.4 % to liquidation',
        '   collateral $12,345.00 · debt $10,000.00 · rings at 1.50',
        '🟢 Morpho SAFE · health 1.60 · 37.5 % to liquidation',
        '   collateral $12,345.00 · debt $10,000.00 · rings at 1.50',
        '⚪ Morpho DEPOSIT · deposit $12,345.00, no debt',
        'No loan or deposit on Euler.',
        'Block 12,345,678, 0 s old · rpc.example',
      ].join('\n'),
    )
  })

  it('calls collateral that is already weighed what it is: what counts', () => {
    const collateralNote = 'weighed' as const
    const shown = (health: string) =>
      text({ positions: [aPosition({ reading: reading(health, { collateralNote }) })] })
    expect(shown('1.6')).toContain('   collateral counts $12,345.00 · debt $10,000.00')
    expect(shown('nodebt')).toContain('⚪ Morpho WMON/USDC · collateral counts $12,345.00, no debt')
  })

  it('lists the worst first and what it cannot see on top, in any order they come', () => {
    const healths = [null, 0n, WAD / 2n, WAD, WAD + 1n, 2n * WAD, 1000n * WAD, MAX_UINT256, undefined]
    const positions = healths.map((healthWad, index) => {
      if (healthWad === null) return named(`p${index}`, { reading: unknown() })
      const health =
        healthWad === undefined
          ? ({ noDebt: true } as const)
          : { noDebt: false as const, healthWad, liquidatable: healthWad < WAD }
      return named(`p${index}`, { reading: reading('1', { health }) })
    })
    fc.assert(
      fc.property(fc.shuffledSubarray(positions, { minLength: positions.length }), (shuffled) => {
        const shown = [...text({ positions: shuffled }).matchAll(/Morpho (p\d)/g)].map(([, name]) => name)
        expect(shown).toEqual(positions.map((_, index) => `p${index}`))
      }),
    )
  })

  it('shows the level of a watched loan and only the danger of another', () => {
    const icon = (health: string, lines = aPosition().lines): string =>
      text({ positions: [aPosition({ reading: reading(health), lines })] })
        .split('\n')[1]
        ?.slice(0, 2) ?? ''
    expect(['1.6', '1.4', '1.1', '0.9'].map((health) => icon(health))).toEqual(['🟢', '🟠', '🔴', '🆘'])
    expect(['1.6', '1.1', '0.9'].map((health) => icon(health, null))).toEqual(['🔵', '🔵', '🆘'])
  })

  it('says when a watched loan rings and nothing of it for another', () => {
    expect(text({})).toContain('rings at 1.50')
    expect(text({ positions: [aPosition({ lines: null })] })).not.toContain('rings')
  })

  it('says that a loan on the edge is on the edge', () => {
    expect(text({ positions: [aPosition({ reading: reading('1') })] })).toContain(
      'health 1.0000 · on the edge',
    )
  })
})

describe('a wallet with more loans than fit', () => {
  it('shows the worst of them, counts the rest and keeps its protocols and its age', () => {
    const healths = Array.from({ length: 120 }, (_, index) => (2 - index / 200).toFixed(3))
    const positions = healths.map((health) => named(`M${health}`, { reading: reading(health) }))
    const shown = text({ positions, protocols: [seen('morpho'), seen('euler', 'HTTP 502')] })
    const names = [...shown.matchAll(/Morpho M(\S+)/g)].map(([, health]) => health)
    expect(names.length).toBeGreaterThan(10)
    expect(names).toEqual([...healths].reverse().slice(0, names.length))
    expect(shown).toContain(`… and ${120 - names.length} more, none of them worse.`)
    expect(shown).toContain('⚠️ Euler: I cannot see everything (HTTP 502).')
    expect(shown).toContain('Block 12,345,678')
    expect(shown.length).toBeLessThan(4000)
  })
})

describe('what cannot be seen', () => {
  const dark = [aPosition({ reading: unknown('oracle of WMON does not answer') })]

  it('is said with its reason and never worded as absence', () => {
    const shown = text({ positions: dark })
    expect(shown).toContain('❔ Morpho WMON/USDC · I cannot see it: oracle of WMON does not answer')
    expect(shown).toContain('Never seen so far.')
    expect(shown).not.toMatch(/no (loan|position|deposit|debt)|closed|safe/i)
  })

  it('is never hidden, whatever else the wallet has', () => {
    const kind = fc.constantFrom('1.6', '0.9', 'nodebt')
    fc.assert(
      fc.property(fc.array(kind, { maxLength: 8 }), fc.nat({ max: 8 }), (others, place) => {
        const positions = others.map((health) => aPosition({ reading: reading(health) }))
        positions.splice(Math.min(place, positions.length), 0, named('DARK', { reading: unknown() }))
        const shown = text({ positions })
        expect(shown.split('\n')[1]).toContain('❔ Morpho DARK')
      }),
    )
  })

  it('is said of a protocol that answered only in part, with the reason', () => {
    const shown = text({ positions: [], protocols: [seen('euler', 'rpc.example: HTTP 502')] })
    expect(shown).toContain('⚠️ Euler: I cannot see everything (rpc.example: HTTP 502). There may be more.')
    expect(shown).not.toContain('No loan')
  })

  it('is not repeated for the protocol when its loan has said the same', () => {
    const shown = text({
      positions: [aPosition({ reading: unknown('rpc.example: no answer') })],
      protocols: [seen('morpho', 'rpc.example: no answer')],
    })
    expect(shown.match(/no answer/g)).toHaveLength(1)
    expect(shown).toContain('⚠️ Morpho: I cannot see everything. There may be more.')
  })

  it('is told apart from a protocol that has nothing', () => {
    const shown = text({ positions: [], protocols: [seen('morpho'), seen('euler', 'x')] })
    expect(shown).toContain('No loan or deposit on Morpho.')
    expect(shown).not.toMatch(/No loan or deposit on .*Euler/)
  })

  it('keeps "no loan" away from a protocol whose only loan could not be read', () => {
    expect(text({ positions: dark, protocols: [seen('morpho')] })).not.toContain('No loan')
  })
})

describe('the age of what is shown', () => {
  it('is that of the oldest reading', () => {
    const block = { ...reading('1').block, number: 12_345_600, timestamp: NOW_MS / 1000 - 40 }
    const positions = [
      aPosition(),
      aPosition({ reading: reading('1.6', { block, endpoint: 'slow.example' }) }),
    ]
    expect(text({ positions })).toContain('Block 12,345,600, 40 s old · slow.example')
  })

  it('is given for an empty wallet too: "no loan" has its source', () => {
    expect(text({ positions: [] })).toContain('Block 12,345,678, 0 s old · rpc.example')
  })

  it('is left out when nobody answered', () => {
    const protocols = [{ protocol: 'morpho' as const, incomplete: 'no answer', seenAt: null }]
    expect(text({ positions: [aPosition({ reading: unknown() })], protocols })).not.toContain('Block')
  })

  it('never looks negative when the clocks differ', () => {
    expect(text({ nowMs: NOW_MS - 3_000 })).toContain(', 0 s old')
  })
})
