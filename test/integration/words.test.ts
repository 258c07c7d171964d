import { AbiCoder, getAddress, Interface, zeroPadValue } from 'ethers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checksumAddress, parseAddress } from '../../src/chain/address.ts'
import { decodeWords, encodeAddressCall } from '../../src/chain/words.ts'
import type { Address } from '../../src/domain/address.ts'
import { DecodeError } from '../../src/errors.ts'

const coder = AbiCoder.defaultAbiCoder()
const uint256 = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n })
const hexDigit = fc.mapToConstant(
  { num: 10, build: (digit) => String(digit) },
  { num: 6, build: (digit) => String.fromCharCode(97 + digit) },
  { num: 6, build: (digit) => String.fromCharCode(65 + digit) },
)
const bytes = (limits: { minLength?: number; maxLength?: number }) =>
  fc.uint8Array(limits).map((array) => `0x${Buffer.from(array).toString('hex')}`)
const account = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .map((array): Address => `0x${Buffer.from(array).toString('hex')}`)

describe('decodeWords', () => {
  it('reads what ethers wrote', () => {
    fc.assert(
      fc.property(fc.array(uint256, { minLength: 0, maxLength: 8 }), (numbers) => {
        const data = coder.encode(
          numbers.map(() => 'uint256'),
          numbers,
        )
        expect(decodeWords(data, numbers.length)).toEqual(numbers)
        expect(decodeWords(`0x${data.slice(2).toUpperCase()}`, numbers.length)).toEqual(numbers)
      }),
    )
  })

  it('reads any bytes of the right length as ethers does', () => {
    fc.assert(
      fc.property(bytes({ minLength: 192, maxLength: 192 }), (data) => {
        const expected = coder
          .decode(
            Array.from({ length: 6 }, () => 'uint256'),
            data,
          )
          .toArray() as bigint[]
        expect(decodeWords(data, 6)).toEqual(expected)
      }),
    )
  })

  it('refuses every other length', () => {
    fc.assert(
      fc.property(bytes({ maxLength: 400 }), fc.integer({ min: 0, max: 12 }), (data, count) => {
        fc.pre((data.length - 2) / 2 !== count * 32)
        expect(() => decodeWords(data, count)).toThrow(DecodeError)
      }),
    )
  })

  it('refuses whatever is not hex', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 0, maxLength: 140 }), (text) => {
        fc.pre(!/^0x[0-9a-f]{64}$/i.test(text))
        expect(() => decodeWords(text, 1)).toThrow(DecodeError)
      }),
    )
    const sixtyThree = '0'.repeat(63)
    for (const odd of ['g', ' ', '\n', '-', 'x', '٣']) {
      expect(() => decodeWords(`0x${sixtyThree}${odd}`, 1)).toThrow(DecodeError)
      expect(() => decodeWords(`0x${odd}${sixtyThree}`, 1)).toThrow(DecodeError)
    }
    expect(() => decodeWords('0'.repeat(66), 1)).toThrow(DecodeError)
    expect(() => decodeWords(`0x${'0'.repeat(64)}\n`, 1)).toThrow(DecodeError)
  })
})

describe('encodeAddressCall', () => {
  it('writes what ethers writes', () => {
    const abi = new Interface(['function getUserAccountData(address user)'])
    fc.assert(
      fc.property(account, (owner) => {
        const expected = abi.encodeFunctionData('getUserAccountData', [owner])
        expect(encodeAddressCall('0xbf92857c', owner)).toBe(expected)
        expect(encodeAddressCall('0xbf92857c', getAddress(owner) as Address)).toBe(expected)
        expect(expected).toBe(`0xbf92857c${zeroPadValue(owner, 32).slice(2)}`)
      }),
    )
  })
})

describe('parseAddress', () => {
  it('takes an address in lower case, upper case and checksum form, as ethers does', () => {
    fc.assert(
      fc.property(account, (address) => {
        const upper = `0x${address.slice(2).toUpperCase()}`
        for (const text of [address, upper, getAddress(address)]) {
          expect(parseAddress(text)).toEqual({ ok: true, address })
        }
        expect(checksumAddress(address)).toBe(getAddress(address))
      }),
    )
  })

  it('judges any spelling as ethers does', () => {
    const spelling = fc
      .array(hexDigit, { minLength: 40, maxLength: 40 })
      .map((digits) => `0x${digits.join('')}`)
    fc.assert(
      fc.property(spelling, (text) => {
        let accepted: string | undefined
        try {
          accepted = getAddress(text).toLowerCase()
        } catch {
          accepted = undefined
        }
        expect(parseAddress(text)).toEqual(
          accepted === undefined ? { ok: false, why: 'checksum' } : { ok: true, address: accepted },
        )
      }),
    )
  })

  it('notices one digit with the wrong case', () => {
    const right = '0x80F00661b13CC5F6ccd3885bE7b4C9c67545D585'
    expect(parseAddress(right)).toMatchObject({ ok: true })
    expect(parseAddress(right.replace('F006', 'f006'))).toEqual({ ok: false, why: 'checksum' })
  })

  it('refuses other shapes without an exception', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        fc.pre(!/^0x[0-9a-f]{40}$/i.test(text))
        expect(parseAddress(text)).toEqual({ ok: false, why: 'shape' })
      }),
    )
    const digits = '80f00661b13cc5f6ccd3885be7b4c9c67545d585'
    for (const text of [
      digits,
      ` 0x${digits}`,
      `0x${digits}\n`,
      `0x${digits}0`,
      'XE7338O073KYGTWWZN0F2WZ0R8PX5ZPPZS',
    ]) {
      expect(parseAddress(text)).toEqual({ ok: false, why: 'shape' })
    }
  })

  it('does not call an upper-case prefix a mistyped digit', () => {
    const digits = '80f00661b13cc5f6ccd3885be7b4c9c67545d585'
    expect(parseAddress(`0X${digits}`)).not.toEqual({ ok: false, why: 'checksum' })
  })
})
