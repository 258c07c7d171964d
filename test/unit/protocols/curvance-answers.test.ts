import { AbiCoder, Interface, type ParamType } from 'ethers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readerAbi } from '../../../protocols/curvance/abi.ts'
import { addressListOf, decodeExactly } from '../../../protocols/curvance/answers.ts'

const NAMES = ['getStaticMarketData', 'getDynamicMarketData', 'getMarketSummaries'] as const
const ADDRESS = '0x00000000000000000000000000000000000000aa'
const address = fc.bigInt(1n, 2n ** 160n - 1n).map((value) => `0x${value.toString(16).padStart(40, '0')}`)

/** The same function as a later version could answer: one number more in the innermost struct. */
function grown(name: (typeof NAMES)[number]): Interface {
  const full = readerAbi.getFunction(name)?.format('full') ?? ''
  // Before the last field of the innermost struct, so that what stands after it moves.
  const before =
    name === 'getStaticMarketData'
      ? 'uint256 interestFee'
      : name === 'getDynamicMarketData'
        ? 'uint256 liquidity'
        : 'bool errorCodeHit'
  return new Interface([full.replace(before, `uint256 addedLater, ${before}`)])
}

/** One market with one token whose numbers are all 1: they pass for flags as well. */
function answerOf(abi: Interface, name: string): string {
  const outputs = abi.getFunction(name)?.outputs ?? []
  return AbiCoder.defaultAbiCoder().encode(outputs, outputs.map(sample))
}

function sample(type: ParamType): unknown {
  if (type.baseType === 'array') {
    const { arrayChildren, arrayLength } = type
    if (!arrayChildren) throw new Error('an array of nothing')
    return Array.from({ length: Math.max(1, arrayLength ?? 1) }, () => sample(arrayChildren))
  }
  if (type.components) return type.components.map(sample)
  if (type.type === 'string') return 'a name'
  if (type.type === 'bool') return true
  return type.type === 'address' ? ADDRESS : 1n
}

describe.each(NAMES)('the answer of %s', (name) => {
  it('is taken in the known shape', () => {
    expect(
      decodeExactly(readerAbi, { name, result: { ok: true, data: answerOf(readerAbi, name) } }),
    ).toHaveLength(1)
  })

  it('is refused when its struct grew by a field, although it still decodes', () => {
    const data = answerOf(grown(name), name)
    expect(() => {
      readerAbi.decodeFunctionResult(name, data).toArray(true)
    }).not.toThrow()
    expect(decodeExactly(readerAbi, { name, result: { ok: true, data } })).toBeNull()
  })

  it('is refused with a byte more, a byte less or when the call failed', () => {
    const data = answerOf(readerAbi, name)
    for (const result of [
      { ok: true, data: `${data}00` },
      { ok: true, data: `${data}${'00'.repeat(32)}` },
      { ok: true, data: data.slice(0, -2) },
      { ok: false, data },
      undefined,
    ]) {
      expect(decodeExactly(readerAbi, { name, result })).toBeNull()
    }
  })
})

describe('a list of addresses', () => {
  it('is read as ethers writes it, up to the most that is allowed', () => {
    fc.assert(
      fc.property(fc.array(address, { maxLength: 6 }), (list) => {
        const data = AbiCoder.defaultAbiCoder().encode(['address[]'], [list])
        expect(addressListOf({ ok: true, data }, 6)).toEqual(list)
        expect(addressListOf({ ok: true, data }, list.length - 1)).toBeNull()
        expect(addressListOf({ ok: true, data: `${data}00` }, 6)).toBeNull()
      }),
    )
  })

  it.each([
    ['another type', AbiCoder.defaultAbiCoder().encode(['uint256[]'], [[2n ** 160n]])],
    ['the zero address', AbiCoder.defaultAbiCoder().encode(['address[]'], [[`0x${'00'.repeat(20)}`]])],
    ['nothing', '0x'],
  ])('is not read out of %s', (_, data) => {
    expect(addressListOf({ ok: true, data }, 6)).toBeNull()
  })
})
