import { parseUnits } from 'ethers'
import { AGGREGATOR_ABI, ORACLE_ABI } from './abis.ts'
import { type ChainAddresses, MARKET_NAMES, type MarketName, reserveOf } from './addresses.ts'
import { readBigint } from './contract-call.ts'
import type { JsonRpc } from './json-rpc.ts'
import type { Transactions } from './transactions.ts'

/** An asset by symbol, in one market or, with none named, in every market that lists it. */
export interface FeedChoice {
  asset: string
  market?: MarketName
}

/** What happens to prices and to the feeds that carry them. */
export interface Prices {
  /** The price in the market's oracle now, in USD with 8 decimals; from the first market that lists the asset. */
  price: (asset: string, market?: MarketName) => Promise<bigint>
  setPrice: (change: FeedChoice & { usd: number | string }) => Promise<void>
  /** -20 takes a fifth off the last price that was set. */
  movePrice: (change: FeedChoice & { percent: number }) => Promise<void>
  /** A frozen feed keeps telling its last price; thawed, it tells the last one that was set meanwhile. */
  freezeOracle: (change: FeedChoice & { frozen: boolean }) => Promise<void>
  /** A failing feed reverts when asked, and with it everything that needs the price. */
  failOracle: (change: FeedChoice & { failing: boolean }) => Promise<void>
}

interface PricesDeps {
  rpc: JsonRpc
  transactions: Transactions
  addresses: ChainAddresses
  admin: string
}

const PRICE_DECIMALS = 8

export function createPrices({ rpc, transactions, addresses, admin }: PricesDeps): Prices {
  function marketsListing({ asset, market }: FeedChoice): MarketName[] {
    if (market !== undefined) return [market]
    const names = MARKET_NAMES.filter((name) => addresses.markets[name].reserves[asset] !== undefined)
    if (names.length === 0) throw new Error(`No market lists ${asset}`)
    return names
  }

  function feedsOf(choice: FeedChoice): string[] {
    return marketsListing(choice).map((name) => reserveOf(addresses.markets[name], choice.asset).aggregator)
  }

  async function turn(method: string, changes: readonly { feed: string; value: bigint | boolean }[]) {
    await transactions.send(
      changes.map(({ feed, value }) => ({
        label: method,
        from: admin,
        to: feed,
        data: AGGREGATOR_ABI.encodeFunctionData(method, [value]),
      })),
    )
  }

  return {
    price: async (asset, market) => {
      const [name] = marketsListing({ asset, ...(market === undefined ? {} : { market }) })
      const { oracle, ...rest } = addresses.markets[name ?? 'main']
      const args = [reserveOf({ oracle, ...rest }, asset).token]
      return await readBigint(rpc, { to: oracle, abi: ORACLE_ABI, method: 'getAssetPrice', args })
    },
    setPrice: async ({ usd, ...choice }) => {
      const value = parseUnits(typeof usd === 'number' ? usd.toFixed(PRICE_DECIMALS) : usd, PRICE_DECIMALS)
      await turn(
        'setAnswer',
        feedsOf(choice).map((feed) => ({ feed, value })),
      )
    },
    movePrice: async ({ percent, ...choice }) => {
      const factorBps = BigInt(10_000 + Math.round(percent * 100))
      const changes = feedsOf(choice).map(async (feed) => {
        const before = await readBigint(rpc, { to: feed, abi: AGGREGATOR_ABI, method: 'marketAnswer' })
        return { feed, value: (before * factorBps) / 10_000n }
      })
      await turn('setAnswer', await Promise.all(changes))
    },
    freezeOracle: async ({ frozen, ...choice }) => {
      await turn(
        'setFrozen',
        feedsOf(choice).map((feed) => ({ feed, value: frozen })),
      )
    },
    failOracle: async ({ failing, ...choice }) => {
      await turn(
        'setFailing',
        feedsOf(choice).map((feed) => ({ feed, value: failing })),
      )
    },
  }
}
