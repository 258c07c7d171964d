import type { Call, ChainReader } from '../../src/chain/chain-reader.ts'
import { decodeWords } from '../../src/chain/words.ts'
import type { Address } from '../../src/domain/address.ts'
import { evcAbi, routerAbi } from './abi.ts'
import { decodeAddress, decodeAddresses, decoded, MOST_COLLATERALS } from './decode.ts'
import type { StaleLoan } from './price-updates.ts'
import type { Vault, Vaults } from './vaults.ts'

export interface FeedsContext {
  readonly evc: Address
  readonly pyth: Address
  readonly vaults: Vaults
  readonly at: ChainReader
}

/** Adapters that chain two others may be nested, but not for ever. */
const MAX_DEPTH = 3
const RESOLVE_GAS = 200_000
const ADAPTER_GETTERS = (['name', 'pyth', 'feedId', 'oracleBaseCross', 'oracleCrossQuote'] as const).map(
  (name) => routerAbi.encodeFunctionData(name),
)

/** A token that an oracle has to price. */
interface Pair {
  readonly oracle: Address
  readonly base: Address
  readonly quote: Address
}

/** The Pyth feeds (0x and 64 digits, sorted) behind the prices of each loan, found as the vault finds its prices. */
export async function pythFeeds(loans: readonly StaleLoan[], context: FeedsContext): Promise<string[][]> {
  const { evc, vaults, at } = context
  const [known, collaterals] = await Promise.all([
    vaults([...new Set(loans.map(({ controller }) => controller))], at),
    at.call(
      loans.map(({ account }) => ({
        to: evc,
        data: evcAbi.encodeFunctionData('getCollaterals', [account]),
        gas: 50_000,
      })),
    ),
  ])
  const pairs = loans.map(({ controller }, index) => {
    const vault = known.get(controller)
    const enabled = decoded(collaterals[index], (data) => decodeAddresses(data, MOST_COLLATERALS))
    return vault ? pairsOf(vault, enabled ?? []) : []
  })
  const adapters = await resolve(pairs.flat(), context)
  const feeds = await feedsOf([...new Set(adapters.values())], context)
  return pairs.map((list) => {
    const found = list.flatMap((pair) => feeds.get(adapters.get(keyOf(pair)) ?? '') ?? [])
    return [...new Set(found)].sort()
  })
}

function pairsOf({ oracle, asset, unitOfAccount: quote }: Vault, collaterals: readonly Address[]): Pair[] {
  return [asset, ...collaterals].filter((base) => base !== quote).map((base) => ({ oracle, base, quote }))
}

function keyOf({ oracle, base, quote }: Pair): string {
  return `${oracle}/${base}/${quote}`
}

/** Which adapter prices each pair; an oracle that is no router is its own adapter. */
async function resolve(pairs: readonly Pair[], { at }: FeedsContext): Promise<Map<string, Address>> {
  const distinct = [...new Map(pairs.map((pair) => [keyOf(pair), pair])).values()]
  const results = await at.call(
    distinct.map(({ oracle, base, quote }) => ({
      to: oracle,
      data: routerAbi.encodeFunctionData('resolveOracle', [10n ** 18n, base, quote]),
      gas: RESOLVE_GAS,
    })),
  )
  return new Map(
    distinct.map((pair, index) => {
      const last = (data: string) =>
        decodeAddress(`0x${(decodeWords(data, 4)[3] ?? 0n).toString(16).padStart(64, '0')}`)
      return [keyOf(pair), decoded(results[index], last) ?? pair.oracle]
    }),
  )
}

/** The feeds behind adapters: a Pyth adapter has one, an adapter that chains two others has theirs. */
async function feedsOf(
  adapters: readonly Address[],
  context: FeedsContext & { readonly depth?: number },
): Promise<Map<string, readonly string[]>> {
  const { depth = 0 } = context
  if (depth === MAX_DEPTH || adapters.length === 0) return new Map()
  const { pyth, at } = context
  const calls: Call[] = adapters.flatMap((to) => ADAPTER_GETTERS.map((data) => ({ to, data, gas: 30_000 })))
  const results = await at.call(calls)
  const described = adapters.map((adapter, index) => {
    const [name, source, feed, first, second] = results.slice(index * ADAPTER_GETTERS.length)
    const parts = [first, second].flatMap((result) => decoded(result, decodeAddress) ?? [])
    const kind = name?.ok ? nameIn(name.data) : null
    const own =
      kind === 'PythOracle' && decoded(source, decodeAddress) === pyth ? decoded(feed, feedIn) : null
    return { adapter, own, parts: kind === 'CrossAdapter' ? parts : [] }
  })
  const deeper = await feedsOf([...new Set(described.flatMap(({ parts }) => parts))], {
    ...context,
    depth: depth + 1,
  })
  return new Map(
    described.map(({ adapter, own, parts }) => [
      adapter,
      [...(own === null ? [] : [own]), ...parts.flatMap((part) => deeper.get(part) ?? [])],
    ]),
  )
}

function feedIn(data: string): string {
  return `0x${(decodeWords(data, 1)[0] ?? 0n).toString(16).padStart(64, '0')}`
}

function nameIn(data: string): string | null {
  try {
    return String(routerAbi.decodeFunctionResult('name', data)[0])
  } catch {
    // Whatever is not text names no adapter.
    return null
  }
}
