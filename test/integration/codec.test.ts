import { AbiCoder, Interface } from 'ethers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CallResult } from '../../src/chain/chain-reader.ts'
import {
  type AggregateCall,
  decodeAggregate3,
  decodeBytes,
  decodeWordList,
  encodeAggregate3,
} from '../../src/chain/codec.ts'
import { encodeCall } from '../../src/chain/words.ts'
import { DecodeError } from '../../src/errors.ts'

const multicall = new Interface([
  'function aggregate3((address target, bool allowFailure, bytes callData)[] calls) payable returns ((bool success, bytes returnData)[] returnData)',
])
const coder = AbiCoder.defaultAbiCoder()

const hexOf = (array: Uint8Array): `0x${string}` => `0x${Buffer.from(array).toString('hex')}`
const bytes = (limits: { minLength?: number; maxLength?: number }) => fc.uint8Array(limits).map(hexOf)
const address = bytes({ minLength: 20, maxLength: 20 })
const call = fc.record({ to: address, data: bytes({ maxLength: 100 }), allowFailure: fc.boolean() })
const result = fc.record({ ok: fc.boolean(), data: bytes({ maxLength: 100 }) })

function ethersEncode(calls: readonly AggregateCall[]): string {
  return multicall.encodeFunctionData('aggregate3', [
    calls.map(({ to, data, allowFailure }) => [to, allowFailure, data]),
  ])
}

function ethersResults(results: readonly CallResult[]): string {
  return multicall.encodeFunctionResult('aggregate3', [results.map(({ ok, data }) => [ok, data])])
}

function ethersDecode(data: string): CallResult[] {
  const [rows] = multicall.decodeFunctionResult('aggregate3', data).toArray(true) as [[boolean, string][]]
  return rows.map(([ok, bytes]) => ({ ok, data: bytes }))
}

/** What is decoded must be what ethers decodes; to refuse is always allowed. */
function expectNoWrongValue(ours: () => unknown, theirs: () => unknown): void {
  let value: unknown
  try {
    value = ours()
  } catch (error) {
    expect(error).toBeInstanceOf(DecodeError)
    return
  }
  expect(value).toEqual(theirs())
}

/** Valid bytes with one small thing wrong, mostly in what lengths, offsets and flags are made of. */
function mutated(valid: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const change = fc.tuple(valid, fc.nat(), fc.nat({ max: 15 }))
  const digit = change.map(([text, at, value]) => {
    const index = 2 + (at % Math.max(1, text.length - 2))
    return text.slice(0, index) + value.toString(16) + text.slice(index + 1)
  })
  const word = fc.tuple(valid, fc.nat(), fc.nat({ max: 40 })).map(([text, at, value]) => {
    const words = Math.max(1, Math.floor((text.length - 2) / 64))
    const index = 2 + (at % words) * 64
    return text.slice(0, index) + (value * 16).toString(16).padStart(64, '0') + text.slice(index + 64)
  })
  const cut = fc.tuple(valid, fc.nat()).map(([text, at]) => text.slice(0, at % (text.length + 1)))
  const longer = fc.tuple(valid, bytes({ minLength: 1, maxLength: 70 })).map(([a, b]) => a + b.slice(2))
  return fc.oneof(digit, word, cut, longer)
}

describe('encodeAggregate3', () => {
  it('writes the bytes that ethers writes', () => {
    fc.assert(
      fc.property(fc.array(call, { maxLength: 12 }), (calls) => {
        expect(encodeAggregate3(calls)).toBe(ethersEncode(calls))
      }),
    )
  })

  it.each([
    { to: '0x1234', data: '0x' },
    { to: `0x${'g'.repeat(40)}`, data: '0x' },
    { to: `0x${'1'.repeat(40)}`, data: '0x123' },
    { to: `0x${'1'.repeat(40)}`, data: '1234' },
    { to: `0x${'1'.repeat(40)}`, data: '0xzz' },
  ])('refuses what is no call: $to $data', (bad) => {
    expect(() => encodeAggregate3([{ ...bad, allowFailure: true }])).toThrow(RangeError)
  })
})

describe('decodeAggregate3', () => {
  it('reads what the contract answers as ethers does', () => {
    fc.assert(
      fc.property(fc.array(result, { maxLength: 12 }), (results) => {
        const data = ethersResults(results)
        expect(decodeAggregate3(data, results.length)).toEqual(results)
        expect(decodeAggregate3(`0x${data.slice(2).toUpperCase()}`, results.length)).toEqual(
          ethersDecode(data),
        )
      }),
    )
  })

  it('gives no wrong value for damaged bytes', () => {
    const valid = fc.array(result, { maxLength: 4 })
    fc.assert(
      fc.property(
        valid.chain((results) =>
          fc.tuple(fc.constant(results.length), mutated(fc.constant(ethersResults(results)))),
        ),
        ([count, data]) => {
          expectNoWrongValue(
            () => decodeAggregate3(data, count),
            () => ethersDecode(data),
          )
        },
      ),
      { numRuns: 3_000 },
    )
  })

  it('gives no wrong value for any bytes or text', () => {
    const words = fc.array(
      fc.oneof(
        fc.nat({ max: 8 }).map((n) => n * 32),
        fc.nat({ max: 3 }),
      ),
      { maxLength: 14 },
    )
    const text = fc.oneof(
      words.map((numbers) => `0x${numbers.map((n) => n.toString(16).padStart(64, '0')).join('')}`),
      bytes({ maxLength: 300 }),
      fc.string({ unit: 'binary', maxLength: 200 }),
    )
    fc.assert(
      fc.property(text, fc.nat({ max: 4 }), (data, count) => {
        expectNoWrongValue(
          () => decodeAggregate3(data, count),
          () => ethersDecode(data),
        )
      }),
      { numRuns: 3_000 },
    )
  })

  it('refuses another number of results, and more than it may hold', () => {
    const data = ethersResults([{ ok: true, data: '0x01' }])
    expect(() => decodeAggregate3(data, 2)).toThrow('1 results for 2 calls')
    expect(() => decodeAggregate3(data, 0)).toThrow(DecodeError)
    const many = `0x${'20'.padStart(64, '0')}${(10_001).toString(16).padStart(64, '0')}`
    expect(() => decodeAggregate3(many, 10_001)).toThrow('too many results')
    const huge = `0x${'20'.padStart(64, '0')}${'f'.repeat(64)}`
    expect(() => decodeAggregate3(huge, 1)).toThrow(DecodeError)
  })

  it('costs a small part of what ethers takes', () => {
    const calls = Array.from({ length: 2_000 }, (_, index) => ({
      to: `0x${index.toString(16).padStart(40, '0')}`,
      data: `0xbf92857c${index.toString(16).padStart(64, '0')}`,
      allowFailure: true,
    }))
    const answer = ethersResults(calls.map(() => ({ ok: true, data: `0x${'ab'.repeat(192)}` })))
    const cost = (work: () => unknown): number => {
      const before = process.cpuUsage()
      work()
      const { user, system } = process.cpuUsage(before)
      return user + system
    }
    const once = (): number => cost(() => [encodeAggregate3(calls), decodeAggregate3(answer, calls.length)])
    const ours = Math.min(once(), once(), once())
    // A tenth of the rows: ethers takes longer for each the more there are.
    const some = calls.slice(0, 200)
    const theirs = cost(() => [
      ethersEncode(some),
      ethersDecode(ethersResults(some.map(() => ({ ok: true, data: `0x${'ab'.repeat(192)}` })))),
    ])
    expect(ours).toBeLessThan(theirs)
  })
})

describe('decodeBytes', () => {
  it('reads what ethers wrote, and gives no wrong value for damaged bytes', () => {
    const encoded = bytes({ maxLength: 100 }).map((data) => coder.encode(['bytes'], [data]))
    fc.assert(
      fc.property(bytes({ maxLength: 100 }), (data) => {
        expect(decodeBytes(coder.encode(['bytes'], [data]))).toBe(data)
      }),
    )
    fc.assert(
      fc.property(mutated(encoded), (data) => {
        expectNoWrongValue(
          () => decodeBytes(data),
          () => coder.decode(['bytes'], data)[0],
        )
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('decodeWordList', () => {
  const list = fc.array(bytes({ minLength: 32, maxLength: 32 }), { maxLength: 6 })

  it('reads what ethers wrote, and gives no wrong value for damaged bytes', () => {
    fc.assert(
      fc.property(list, (words) => {
        expect(decodeWordList(coder.encode(['bytes32[]'], [words]), 6)).toEqual(words)
      }),
    )
    fc.assert(
      fc.property(mutated(list.map((words) => coder.encode(['bytes32[]'], [words]))), (data) => {
        expectNoWrongValue(
          () => decodeWordList(data, 6),
          () => (coder.decode(['bytes32[]'], data).toArray(true) as [string[]])[0],
        )
      }),
      { numRuns: 1_000 },
    )
  })

  it('refuses a list longer than it may be', () => {
    const data = coder.encode(['bytes32[]'], [[`0x${'0'.repeat(64)}`, `0x${'1'.repeat(64)}`]])
    expect(() => decodeWordList(data, 1)).toThrow('a list of 2, more than 1')
  })
})

describe('encodeCall', () => {
  it('writes what ethers writes', () => {
    const abi = new Interface(['function f(address a, uint256 b, int256 c, bool d, bytes32 e)'])
    const selector = abi.getFunction('f')?.selector as `0x${string}`
    const values = fc.tuple(
      address,
      fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
      fc.bigInt({ min: -(2n ** 255n), max: 2n ** 255n - 1n }),
      fc.boolean(),
      bytes({ minLength: 32, maxLength: 32 }),
    )
    fc.assert(
      fc.property(values, (tuple) => {
        expect(encodeCall(selector, tuple)).toBe(abi.encodeFunctionData('f', tuple))
      }),
    )
  })

  it.each([2n ** 256n, -(2n ** 255n) - 1n, '0x12', `0x${'0'.repeat(62)}`, `0x${'g'.repeat(40)}`] as const)(
    'refuses what fills no word: %s',
    (value) => {
      expect(() => encodeCall('0x12345678', [value as bigint])).toThrow(RangeError)
    },
  )
})
