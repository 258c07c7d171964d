import type { ChainLog } from '../../src/chain/chain-log.ts'
import type { ChainReader } from '../../src/chain/chain-reader.ts'
import type { Address } from '../../src/domain/address.ts'
import type { LogEvent, LogFilter, StrategyLogs } from '../strategy.ts'
import { aTokenEvents, configEvents, poolEvents, topicNames } from './events.ts'
import type { Market, MarketList } from './markets.ts'
import { listAssets, readReserves } from './reserves.ts'
import { wordsOf } from './words-of.ts'

const POOL = topicNames(poolEvents)
const A_TOKEN = topicNames(aTokenEvents)
const CONFIG = topicNames(configEvents)
const TOPICS = [...POOL.keys(), ...A_TOKEN.keys(), ...CONFIG.keys()]

/** Which topic names whose account it is: never the one who merely pays or receives. */
const OWNER_TOPIC: Readonly<Record<string, number>> = {
  Supply: 2,
  Withdraw: 2,
  Borrow: 2,
  Repay: 2,
  LiquidationCall: 3,
  ReserveUsedAsCollateralEnabled: 2,
  ReserveUsedAsCollateralDisabled: 2,
  UserEModeSet: 1,
}

const REUSE_SECONDS = 600
const RETRY_SECONDS = 60

/**
 * The events of all known markets. Which addresses are which is remembered from the last filter, which asks the chain again
 * after ten minutes of block time, after one where a market did not answer, and whenever the configuration changes.
 */
export function createLogs(deps: { markets: MarketList; registry: Address }): StrategyLogs {
  const pools = new Map<Address, Market>()
  const aTokens = new Map<Address, Address>()
  const announcers = new Set<Address>([deps.registry])
  let freshUntilS = 0

  /** Whether the market told all its deposit tokens. */
  async function learn(market: Market, at: ChainReader): Promise<boolean> {
    pools.set(market.pool, market)
    for (const address of [market.id, market.oracle, market.configurator]) {
      if (address) announcers.add(address)
    }
    // What does not answer now keeps the tokens it had.
    const assets = await listAssets(market, at)
    const reserves = assets ? await readReserves({ market, assets }, at) : []
    for (const reserve of reserves) if (reserve) aTokens.set(reserve.aToken, market.id)
    return assets !== undefined && reserves.every((reserve) => reserve !== undefined)
  }

  function decode(log: ChainLog): readonly LogEvent[] {
    const [topic = ''] = log.topics
    if (announcers.has(log.address) && CONFIG.has(topic)) {
      deps.markets.expire()
      freshUntilS = 0
      return [{ kind: 'configChanged' }]
    }
    if (aTokens.has(log.address) && A_TOKEN.has(topic)) return touched([1, 2].map((at) => owner(log, at)))
    const market = pools.get(log.address)
    const name = POOL.get(topic)
    if (!market || name === undefined) return []
    const events = touched([owner(log, OWNER_TOPIC[name] ?? 0)])
    return name === 'LiquidationCall' ? [...liquidations(log, market), ...events] : events
  }

  return {
    async filter(at): Promise<LogFilter> {
      if (at.block.timestamp >= freshUntilS) {
        const { list, unresolved, registryRead } = await deps.markets.at(at)
        const told = await Promise.all(list.map((market) => learn(market, at)))
        const isComplete = told.every(Boolean) && unresolved.length === 0 && registryRead
        freshUntilS = at.block.timestamp + (isComplete ? REUSE_SECONDS : RETRY_SECONDS)
      }
      return { addresses: [...new Set([...pools.keys(), ...aTokens.keys(), ...announcers])], topics: TOPICS }
    },
    decode,
  }
}

function touched(owners: readonly (Address | undefined)[]): LogEvent[] {
  const found = new Set(owners.filter((address) => address !== undefined && BigInt(address) !== 0n))
  return [...found].flatMap((address) => (address ? [{ kind: 'touched' as const, owner: address }] : []))
}

function liquidations(log: ChainLog, market: Market): LogEvent[] {
  const [collateral, debt, user] = [1, 2, 3].map((at) => owner(log, at))
  if (!collateral || !debt || !user) return []
  const [repaid, seized] = wordsOf({ ok: true, data: log.data }, 4) ?? []
  return [
    {
      kind: 'liquidated',
      owner: user,
      key: `neverland:${market.id}:${user}`,
      repaid: repaid === undefined ? null : { token: debt, amountRaw: repaid },
      seized: seized === undefined ? null : { token: collateral, amountRaw: seized },
    },
  ]
}

/** The address in an indexed topic; `undefined` when there is none or it is not one. */
function owner(log: ChainLog, topic: number): Address | undefined {
  const text = log.topics[topic]
  if (text === undefined || !/^0x0{24}[0-9a-f]{40}$/i.test(text)) return undefined
  return `0x${text.slice(26).toLowerCase()}`
}
