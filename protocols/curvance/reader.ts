import { ZeroAddress } from 'ethers'
import { wordsOf } from '../../src/chain/answers.ts'
import type { Call, CallResult, ChainReader } from '../../src/chain/chain-reader.ts'
import type { Address } from '../../src/domain/address.ts'
import type { PositionRef, UnknownReading } from '../../src/domain/position.ts'
import { MAX_UINT256 } from '../../src/domain/units.ts'
import { readerAbi } from './abi.ts'
import { addressOf, addressOfWord, boolOfWord, decodeExactly } from './answers.ts'

/** A position as the ProtocolReader counts it. Amounts in USD, 1e18. */
export interface ReaderAnswer {
  readonly kind: 'ok'
  readonly healthWad: bigint
  readonly collateralUsdWad: bigint
  readonly debtUsdWad: bigint
}

/** Whether the configured ProtocolReader is the one that is known here; `null`: it is. */
export type ReaderFault =
  | 'none configured'
  | 'no contract'
  | 'another registry'
  | 'no answer'
  | 'another shape'
  | null

export interface ProtocolReader {
  /** Remembered for an hour of block time while it is fine, for a minute while it is not. */
  fault(at: ChainReader): Promise<ReaderFault>
  /** One answer per ref; `null` where the answer cannot be used and the position has to be read without the reader. */
  read(refs: readonly PositionRef[], at: ChainReader): Promise<(ReaderAnswer | UnknownReading | null)[]>
  /** Every listed token by cToken; empty when the reader does not answer as it should. */
  tokens(at: ChainReader): Promise<ReadonlyMap<string, TokenState>>
}

/** A cToken as of the block. */
export interface TokenState {
  /** Simple yearly interest, 1e18 = 100 %: the contract's rates per second times the seconds of 365 days. */
  readonly borrowWad: bigint
  readonly supplyWad: bigint
  /** 1e18 = everything is lent out. */
  readonly utilisationWad: bigint
  /** In the smallest unit of the underlying. */
  readonly suppliedRaw: bigint
  readonly liquidityRaw: bigint
  /** Dollars per whole token, 1e18; 0 where no feed gives a price. */
  readonly priceWad: bigint
}

const REUSE_SECONDS = 3600
const RETRY_SECONDS = 60
const SECONDS_PER_YEAR = 31_536_000n
/** It walks through two tokens, their snapshots and their feeds. */
const POSITION_GAS = 700_000
/** It walks through every market. */
const ALL_MARKETS_GAS = 20_000_000
const SUMMARY_WORDS = 9
const NOBODY = '0x0000000000000000000000000000000000000001'
const NOTHING_HYPOTHETICAL = [ZeroAddress, ZeroAddress, false, 0n, false, 0n, 0n] as const

export function createProtocolReader(deps: { registry: Address; reader: Address | null }): ProtocolReader {
  const { registry, reader } = deps
  let current: { fault: ReaderFault; untilS: number } | undefined

  async function look(at: ChainReader): Promise<ReaderFault> {
    if (reader === null) return 'none configured'
    if (!(await at.hasCode(reader))) return 'no contract'
    const [owner, statics, summaries] = await at.call([
      { to: reader, data: readerAbi.encodeFunctionData('centralRegistry') },
      { to: reader, data: readerAbi.encodeFunctionData('getStaticMarketData'), gas: ALL_MARKETS_GAS },
      { to: reader, data: readerAbi.encodeFunctionData('getMarketSummaries', [[], NOBODY]) },
    ])
    if (addressOf(owner) !== registry) return 'another registry'
    if (!statics?.ok || !summaries?.ok) return 'no answer'
    const [markets] = decodeExactly(readerAbi, { name: 'getStaticMarketData', result: statics }) ?? []
    if (!Array.isArray(markets)) return 'another shape'
    if (!decodeExactly(readerAbi, { name: 'getMarketSummaries', result: summaries })) return 'another shape'
    const first = managerOf(markets)
    // An empty list has the same bytes whatever its entries look like, so nothing is known about them.
    if (first === null) return 'another shape'
    const [health, summary] = await at.call(positionCalls(reader, { market: first, owner: NOBODY }))
    return decodePosition([health, summary], first) === null ? 'another shape' : null
  }

  return {
    async fault(at) {
      if (current && at.block.timestamp < current.untilS) return current.fault
      const fault = await look(at)
      const rememberedS = fault === null ? REUSE_SECONDS : RETRY_SECONDS
      current = { fault, untilS: at.block.timestamp + rememberedS }
      return fault
    },
    async read(refs, at) {
      if (reader === null) return refs.map(() => null)
      const results = await at.call(refs.flatMap((ref) => positionCalls(reader, ref)))
      return refs.map((ref, index) => decodePosition(results.slice(index * 2, index * 2 + 2), ref.market))
    },
    async tokens(at) {
      if (reader === null) return new Map()
      const data = readerAbi.encodeFunctionData('getDynamicMarketData')
      const [result] = await at.call([{ to: reader, data, gas: ALL_MARKETS_GAS }])
      return tokensOf(result)
    },
  }
}

/** How much of a position the reader says can be liquidated, 1e18 = everything; `null` when it does not say. */
export function decodeFactor(result: CallResult | undefined): bigint | null {
  const [, , , factorWad, errorWord] = wordsOf(result, 5) ?? []
  return factorWad === undefined || boolOfWord(errorWord) !== false ? null : factorWad
}

export function factorCall(reader: Address, { market, owner }: { market: string; owner: Address }): Call {
  const data = readerAbi.encodeFunctionData('liquidationValuesOf', [market, owner, true])
  return { to: reader, data, gas: POSITION_GAS }
}

/** Health of the position as it stands, and what it is made of. */
function positionCalls(to: Address, { market, owner }: { market: string; owner: Address }): Call[] {
  const health = [market, owner, ...NOTHING_HYPOTHETICAL]
  return [
    { to, data: readerAbi.encodeFunctionData('getPositionHealth', health), gas: POSITION_GAS },
    {
      to,
      data: readerAbi.encodeFunctionData('getMarketSummaries', [[market], owner]),
      gas: POSITION_GAS * 2,
    },
  ]
}

/** The error flag comes before every number: on a bad feed they are zero or the largest integer, and look like answers. */
function decodePosition(
  [health, summary]: readonly (CallResult | undefined)[],
  market: string,
): ReaderAnswer | UnknownReading | null {
  const [healthWad = 0n, errorWord] = wordsOf(health, 2) ?? []
  const failed = boolOfWord(errorWord)
  const [offset, count, manager, ...words] = wordsOf(summary, SUMMARY_WORDS) ?? []
  const [collateralUsdWad = 0n, , debtUsdWad = 0n, summaryHealthWad, , summaryErrorWord] = words
  const summaryFailed = boolOfWord(summaryErrorWord)
  if (failed === null || summaryFailed === null) return null
  if (offset !== 32n || count !== 1n || addressOfWord(manager) !== market) return null
  if (failed || summaryFailed) {
    return { kind: 'unknown', reason: 'oracle', detail: 'a price that Curvance needs is missing' }
  }
  // Two answers of one contract at one block.
  if (summaryHealthWad !== healthWad || (healthWad === MAX_UINT256) !== (debtUsdWad === 0n)) return null
  return { kind: 'ok', healthWad, collateralUsdWad, debtUsdWad }
}

function managerOf(markets: readonly unknown[]): string | null {
  const first: unknown = markets[0]
  const manager: unknown = Array.isArray(first) ? first[0] : undefined
  return typeof manager === 'string' ? manager.toLowerCase() : null
}

/** Where in the answer about a token each number stands: its address comes first, the rest as the official ABI orders it. */
const PLACES = [3, 7, 10, 12, 13, 14] as const

function tokensOf(result: CallResult | undefined): Map<string, TokenState> {
  const [markets] = decodeExactly(readerAbi, { name: 'getDynamicMarketData', result }) ?? []
  const tokens = new Map<string, TokenState>()
  for (const market of listOf(markets)) {
    for (const token of listOf(listOf(market)[1])) {
      const fields = listOf(token)
      const numbers = PLACES.map((place) => fields[place]).filter((field) => typeof field === 'bigint')
      const [suppliedRaw, priceWad, borrow, utilisationWad, supply, liquidityRaw] = numbers
      const [cToken] = fields
      if (typeof cToken !== 'string' || numbers.length < PLACES.length) continue
      tokens.set(cToken.toLowerCase(), {
        borrowWad: (borrow ?? 0n) * SECONDS_PER_YEAR,
        supplyWad: (supply ?? 0n) * SECONDS_PER_YEAR,
        utilisationWad: utilisationWad ?? 0n,
        suppliedRaw: suppliedRaw ?? 0n,
        liquidityRaw: liquidityRaw ?? 0n,
        priceWad: priceWad ?? 0n,
      })
    }
  }
  return tokens
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
