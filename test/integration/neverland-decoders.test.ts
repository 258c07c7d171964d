import { AbiCoder } from 'ethers'
import { describe, expect, it } from 'vitest'
import { decodeEMode } from '../../protocols/neverland/e-mode.ts'
import { decodeReserve, type Reserve } from '../../protocols/neverland/reserves.ts'

// The published v3.7 contracts are on no package registry as compiled code: these are the encodings of its interface.
describe('an e-mode of Aave v3.2 and later', () => {
  const coder = AbiCoder.defaultAbiCoder()
  const answer = (types: string[], values: unknown[]) => ({ ok: true, data: coder.encode(types, values) })
  const silent = { ok: false, data: '0x' }
  const reserveWithId = (id: bigint): Reserve => ({ id, eModeCategory: 0n }) as Reserve

  it('covers the reserves of its bitmap with its own threshold', () => {
    const mode = decodeEMode(2n, [
      silent,
      answer(['uint128'], [0b1010n]),
      answer(['uint256', 'uint256', 'uint256'], [9_000n, 9_300n, 10_100n]),
      answer(['string'], ['MON correlated']),
    ])
    expect(mode).toMatchObject({ label: 'MON correlated', thresholdBps: 9_300n, priceSource: null })
    expect([0n, 1n, 2n, 3n, 127n].map((at) => mode?.covers(reserveWithId(at)))).toEqual([
      false,
      true,
      false,
      true,
      false,
    ])
  })

  it('is unknown when half of it does not answer, rather than taken for the old form', () => {
    const config = answer(['uint256', 'uint256', 'uint256'], [9_000n, 9_300n, 10_100n])
    const legacy = answer(
      ['tuple(uint16,uint16,uint16,address,string)'],
      [[9_000, 9_300, 10_100, '0x0000000000000000000000000000000000000000', 'old']],
    )
    expect(decodeEMode(2n, [legacy, silent, config, silent])).toBeUndefined()
    expect(decodeEMode(2n, [legacy, answer(['uint128'], [1n]), silent, silent])).toBeUndefined()
    expect(decodeEMode(2n, [legacy, silent, silent, silent])).toMatchObject({
      label: 'old',
      thresholdBps: 9_300n,
    })
    expect(decodeEMode(2n, [silent, silent, silent, silent])).toBeUndefined()
  })
})

describe('a reserve', () => {
  it('of a pool without stable debts has no such token', () => {
    const one = 1n
    const words = Array.from({ length: 15 }, () => 0n)
    words[0] = (18n << 48n) | (one << 56n) | (7_500n << 16n)
    words[8] = 0xaan
    words[10] = 0xbbn
    const data = AbiCoder.defaultAbiCoder().encode(
      words.map(() => 'uint256'),
      words,
    )
    const reserve = decodeReserve('0x000000000000000000000000000000000000000a', { ok: true, data })
    expect(reserve).toMatchObject({ stableDebtToken: null, decimals: 18, thresholdBps: 7_500n, active: true })
  })
})
