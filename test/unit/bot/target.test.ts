import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { StoredWallet } from '../../../db/bot-store.ts'
import type { Arguments } from '../../../src/bot/arguments.ts'
import { findTarget } from '../../../src/bot/target.ts'
import type { Address } from '../../../src/domain/address.ts'
import type { ProtocolId } from '../../../src/domain/position.ts'
import { linesFor } from '../../../src/domain/thresholds.ts'
import { wad } from '../domain/alerting/series.ts'
import { HOSTILE_NAMES } from '../views/kit.ts'

type LoanOf = readonly [protocol: ProtocolId, market: string, closed?: 'closed' | undefined]

function owner(id: number): Address {
  return `0x${id.toString(16).padStart(40, '0')}`
}

function walletOf(wallet: { id: number; label: string | null; loans?: readonly LoanOf[] }): StoredWallet {
  const { id, label, loans = [] } = wallet
  return {
    watch: { id, chat_id: 1, owner: owner(id), label, thread_id: null, created_at: 0 },
    positions: loans.map(([protocol, marketName, closed], index) => ({
      position: {
        id: id * 100 + index,
        ref: {
          protocol,
          key: `${protocol}:${index}:${owner(id)}`,
          owner: owner(id),
          market: String(index),
          marketName,
        },
      },
      lines: { ...linesFor(wad('1.5')), source: 'chat' },
      last: null,
      closed: closed === 'closed',
    })),
  }
}

function words(label: string | null, over: Partial<Arguments> = {}): Arguments {
  return { owner: null, thresholdWad: null, protocol: null, label, ...over }
}

const MAIN = walletOf({
  id: 1,
  label: 'Main',
  loans: [
    ['neverland', 'Neverland'],
    ['morpho', 'WMON/USDC'],
    ['morpho', 'WETH/USDC'],
    ['euler', 'Gone', 'closed'],
  ],
})
const MAIN_TWO = walletOf({ id: 2, label: 'Main two', loans: [['curvance', 'WMON/AUSD']] })
const BARE = walletOf({ id: 3, label: null, loans: [['morpho', 'WBTC/USDC']] })
const ALL = [MAIN, MAIN_TWO, BARE]

/** Which wallet and which loan were meant, as ids; or the error. */
function found(wallets: readonly StoredWallet[], said: Arguments): unknown {
  const result = findTarget(wallets, said)
  if (!result.ok) return result.error
  const { wallet, protocol, position } = result.value
  return [wallet?.watch.id ?? null, protocol, position?.position.id ?? null]
}

describe('what the words of a command point at', () => {
  it('is the whole chat when there are no words', () => {
    expect(found(ALL, words(null))).toEqual([null, null, null])
    expect(found([], words(null))).toEqual([null, null, null])
  })

  it('is the wallet with that address', () => {
    expect(found(ALL, words(null, { owner: owner(3) }))).toEqual([3, null, null])
  })

  it('is an error for an address that is not watched, whatever else was said', () => {
    const error = 'I read an address that is not watched here.'
    expect(found(ALL, words(null, { owner: owner(9) }))).toBe(error)
    expect(found([MAIN], words('WMON', { owner: owner(9) }))).toBe(error)
  })

  it('is the wallet with that label, in any case', () => {
    expect(found(ALL, words('mAIN'))).toEqual([1, null, null])
  })

  it('is the wallet with the longest label that fits', () => {
    expect(found(ALL, words('main TWO'))).toEqual([2, null, null])
    expect(found([MAIN_TWO, MAIN], words('main two wmon'))).toEqual([2, null, 200])
  })

  it('is not a wallet whose label only begins like the word', () => {
    expect(found(ALL, words('Mainly'))).toMatch(/^I read “Mainly”; no wallet or loan here is called that\./)
  })

  it('is the loan whose market the words after the label name, in any order', () => {
    expect(found(ALL, words('Main weth'))).toEqual([1, null, 102])
    expect(found(ALL, words('Main usdc weth'))).toEqual([1, null, 102])
    expect(found(ALL, words('weth', { owner: owner(1) }))).toEqual([1, null, 102])
  })

  it('is a loan anywhere in the chat when no wallet is named', () => {
    expect(found(ALL, words('wbtc'))).toEqual([3, null, 300])
    expect(found(ALL, words('ausd'))).toEqual([2, null, 200])
  })

  it('is a loan of the named protocol only', () => {
    expect(found(ALL, words('wmon', { protocol: 'curvance' }))).toEqual([2, 'curvance', 200])
    expect(found(ALL, words('Main', { protocol: 'morpho' }))).toEqual([1, 'morpho', null])
    expect(found(ALL, words('Main wmon', { protocol: 'euler' }))).toMatch(/^I read “wmon”/)
  })

  it('is never a loan of another wallet than the named one', () => {
    expect(found(ALL, words('Main wbtc'))).toMatch(/^I read “wbtc”/)
  })

  it('asks back when several loans fit, and names them', () => {
    expect(found(ALL, words('wmon'))).toBe(
      '“wmon” fits several loans: Main · Morpho WMON/USDC; Main two · Curvance WMON/AUSD. Name one more closely.',
    )
    expect(found(ALL, words('Main usdc'))).toBe(
      '“usdc” fits several loans: Main · Morpho WMON/USDC; Main · Morpho WETH/USDC. Name one more closely.',
    )
  })

  it('is the loan of that account, not of one whose number begins the same', () => {
    const wallet = walletOf({
      id: 4,
      label: 'Many',
      loans: [
        ['euler', 'Euler eUSDC-7 · account 71'],
        ['euler', 'Euler eUSDC-7 · account 7'],
      ],
    })
    expect(found([wallet], words('Many account 7'))).toEqual([4, null, 401])
  })

  it('is an error when nothing fits, with the wallets there are', () => {
    expect(found(ALL, words('Savings'))).toBe(
      'I read “Savings”; no wallet or loan here is called that. Wallets here: Main, Main two, 0x0000…0003.',
    )
    expect(found([], words('Savings'))).toBe(
      'I read “Savings”; no wallet or loan here is called that. No wallet is watched here yet.',
    )
  })

  it('is not a loan that is closed', () => {
    expect(found(ALL, words('Main gone'))).toMatch(/^I read “gone”/)
  })

  it('with one wallet its label can be left out for a loan, and without words nothing is assumed', () => {
    expect(found([MAIN], words('weth'))).toEqual([1, null, 102])
    expect(found([MAIN], words(null))).toEqual([null, null, null])
    expect(found([MAIN], words(null, { protocol: 'morpho' }))).toEqual([null, 'morpho', null])
  })

  it('never throws, and lands on a wallet and an open loan of it or says a harmless line', () => {
    const name = fc.oneof(
      fc.constantFrom(...HOSTILE_NAMES, 'Main', 'main two', 'İ', 'ß', 'ΑΣ'),
      fc.string({ unit: 'binary', maxLength: 40 }),
    )
    const loan = fc.tuple(
      fc.constantFrom<ProtocolId>('neverland', 'morpho', 'curvance', 'euler'),
      name,
      fc.option(fc.constant('closed' as const), { nil: undefined }),
    )
    const wallet = fc.record({ label: fc.option(name), loans: fc.array(loan, { maxLength: 4 }) })
    const chat = fc
      .array(wallet, { maxLength: 4 })
      .map((items) => items.map((item, index) => walletOf({ ...item, id: index + 1 })))
    const said = fc.record({
      label: fc.option(
        fc.oneof(
          name,
          fc.tuple(name, name).map((pair) => pair.join(' ')),
        ),
      ),
      owner: fc.option(fc.integer({ min: 1, max: 6 }).map(owner)),
      protocol: fc.option(fc.constantFrom<ProtocolId>('morpho', 'euler')),
      thresholdWad: fc.constant(null),
    })
    fc.assert(
      fc.property(chat, said, (wallets, args) => {
        const result = findTarget(wallets, args)
        if (!result.ok) {
          expect(result.error.trim()).not.toBe('')
          expect(result.error).not.toMatch(/\p{C}/u)
          return
        }
        const { wallet: target, position, protocol } = result.value
        expect(protocol).toBe(args.protocol)
        if (target) expect(wallets).toContain(target)
        if (!position) return
        expect(target?.positions).toContain(position)
        expect(position.closed).toBe(false)
        expect(position.position.ref.protocol).toBe(args.protocol ?? position.position.ref.protocol)
      }),
      { numRuns: 80 },
    )
  })

  it('a loan typed with its exact label and name is found whatever the label is', () => {
    const label = fc.oneof(
      fc.constantFrom('Main', 'İstanbul', 'ΑΣ', 'two words'),
      fc.string({ minLength: 1, maxLength: 20 }),
    )
    fc.assert(
      fc.property(
        label.filter((text) => text === text.trim() && text !== ''),
        (text) => {
          const wallets = [walletOf({ id: 1, label: text, loans: [['morpho', 'WETH/USDC']] }), BARE]
          expect(found(wallets, words(`${text} WETH/USDC`))).toEqual([1, null, 100])
        },
      ),
    )
  })
})
