import { wordOf } from '../../src/chain/answers.ts'
import type { Call, CallResult, ChainReader } from '../../src/chain/chain-reader.ts'
import type { Tokens } from '../../src/chain/tokens.ts'
import { type Address, shortAddress } from '../../src/domain/address.ts'
import type { Token } from '../../src/domain/detail.ts'
import { cTokenAbi, managerAbi, registryAbi } from './abi.ts'
import { addressListOf, addressOf, boolOfWord } from './answers.ts'

/** One of the tokens that a market lists. */
export interface MarketToken {
  readonly cToken: Address
  /** The underlying: what prices, debts and collateral are told in. */
  readonly asset: Address
  /** What the contracts scale amounts of the cToken and of its underlying with. */
  readonly decimals: number
  readonly borrowable: boolean
  /** The underlying as it describes itself; `undefined` when it does not tell its decimals. */
  readonly token: Token | undefined
}

/** One isolated market. `id` is its MarketManager. */
export interface Market {
  readonly id: Address
  readonly name: string
  readonly tokens: readonly MarketToken[]
}

export interface MarketList {
  readonly byId: ReadonlyMap<string, Market>
  /** Managers that did not answer: their positions are unknown, not absent. */
  readonly unresolved: readonly Address[]
  /** The registry answered, so that the list is complete. */
  readonly registryRead: boolean
}

export interface Markets {
  /** The markets that the registry lists, and those in `ids` from before. */
  at(at: ChainReader, ids?: readonly string[]): Promise<MarketList>
  /** Asks the registry for its list; `learn` takes the answer, so that it may be one of many calls made together. */
  readonly listCall: Call
  /** What is known with the markets that the registry has just listed; of those only the new ones are read. */
  learn(listed: CallResult | undefined, at: ChainReader): Promise<MarketList>
  /** What is known without asking. */
  known(): Iterable<Market>
  /** The next look asks the registry again; nothing is forgotten. */
  refresh(): void
}

const MAX_MARKETS = 200
const MAX_TOKENS = 16
const MAX_DECIMALS = 30n
const REUSE_SECONDS = 24 * 3600
const RETRY_SECONDS = 60
const ADDRESS = /^0x[0-9a-f]{40}$/
const TOKEN_CALLS = ['asset', 'decimals', 'isBorrowable'] as const

/**
 * The markets, remembered for a day of block time, or for a minute when something did not answer; a new one is learned of
 * sooner, by whoever asks `listCall`. A market once known is never forgotten because of a failed read.
 */
export function createMarkets(deps: { registry: Address; tokens: Tokens }): Markets {
  const known = new Map<Address, Market>()
  const asked = new Set<Address>()
  let current: { list: MarketList; untilS: number } | undefined

  const listCall: Call = {
    to: deps.registry,
    data: registryAbi.encodeFunctionData('marketManagers'),
    gas: 500_000,
  }

  async function look(at: ChainReader): Promise<MarketList> {
    const [result] = await at.call([listCall])
    const listed = addressListOf(result, MAX_MARKETS)
    const ids = [...new Set([...(listed ?? []), ...known.keys(), ...asked])].slice(0, MAX_MARKETS)
    return await settle({ ids, news: ids, registryRead: listed !== null }, at)
  }

  async function settle(
    { ids, news, registryRead }: { ids: readonly Address[]; news: readonly Address[]; registryRead: boolean },
    at: ChainReader,
  ): Promise<MarketList> {
    for (const market of await resolve(news, { tokens: deps.tokens, at })) known.set(market.id, market)
    const unresolved = ids.filter((id) => !known.has(id))
    const list: MarketList = { byId: new Map(known), unresolved, registryRead }
    const named = [...known.values()].every(({ tokens }) => tokens.every(({ token }) => token))
    const complete = unresolved.length === 0 && registryRead && named
    current = { list, untilS: at.block.timestamp + (complete ? REUSE_SECONDS : RETRY_SECONDS) }
    return list
  }

  async function marketsAt(at: ChainReader, ids: readonly string[] = []): Promise<MarketList> {
    const news = ids.filter((id): id is Address => ADDRESS.test(id) && !asked.has(id as Address))
    for (const id of news) if (asked.size < MAX_MARKETS) asked.add(id)
    const fresh = current && at.block.timestamp < current.untilS
    if (current && fresh && news.every((id) => known.has(id))) return current.list
    return await look(at)
  }

  return {
    at: marketsAt,
    listCall,
    async learn(result, at) {
      const before = await marketsAt(at)
      const listed = addressListOf(result, MAX_MARKETS)
      const ids = [...new Set([...known.keys(), ...before.unresolved, ...(listed ?? [])])].slice(
        0,
        MAX_MARKETS,
      )
      // What did not answer just now has its own time to be asked again.
      const news = ids.filter((id) => !known.has(id) && !before.unresolved.includes(id))
      if (news.length === 0) return { ...before, registryRead: listed !== null }
      return await settle({ ids, news, registryRead: listed !== null }, at)
    },
    known: () => known.values(),
    refresh() {
      current = undefined
    },
  }
}

async function resolve(
  ids: readonly Address[],
  { tokens, at }: { tokens: Tokens; at: ChainReader },
): Promise<Market[]> {
  const listed = await at.call(
    ids.map((to) => ({ to, data: managerAbi.encodeFunctionData('queryTokensListed') })),
  )
  const cTokens = listed.map((result) => addressListOf(result, MAX_TOKENS) ?? [])
  const described = await describe(cTokens.flat(), at)
  const assets = [...described.values()].map(({ asset }) => asset)
  const underlyings = await tokens([...new Set(assets)], at)
  return ids.flatMap((id, index) => {
    const addresses = cTokens[index] ?? []
    const found = addresses.flatMap((cToken) => described.get(cToken) ?? [])
    // A market of which a token is missing would count too little of a position.
    if (addresses.length === 0 || found.length < addresses.length) return []
    const marketTokens = found.map((token) => ({ ...token, token: underlyings.get(token.asset) }))
    return [{ id, name: nameOf(marketTokens), tokens: marketTokens }]
  })
}

async function describe(
  cTokens: readonly Address[],
  at: ChainReader,
): Promise<Map<Address, Omit<MarketToken, 'token'>>> {
  const calls: Call[] = cTokens.flatMap((to) =>
    TOKEN_CALLS.map((name) => ({ to, data: cTokenAbi.encodeFunctionData(name), gas: 40_000 })),
  )
  const results = await at.call(calls)
  const described = new Map<Address, Omit<MarketToken, 'token'>>()
  cTokens.forEach((cToken, index) => {
    const start = index * TOKEN_CALLS.length
    const asset = addressOf(results[start])
    const decimals = wordOf(results[start + 1])
    const borrowable = boolOfWord(wordOf(results[start + 2]))
    if (asset === null || decimals === null || decimals > MAX_DECIMALS || borrowable === null) return
    described.set(cToken, { cToken, asset, decimals: Number(decimals), borrowable })
  })
  return described
}

function nameOf(tokens: readonly MarketToken[]): string {
  return `Curvance ${tokens.map(({ token, asset }) => token?.symbol ?? shortAddress(asset)).join('/')}`
}
