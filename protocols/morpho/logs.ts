import { addressInTopic, wordsIn } from '../../src/chain/answers.ts'
import type { ChainLog } from '../../src/chain/chain-log.ts'
import type { Address } from '../../src/domain/address.ts'
import type { LogEvent, StrategyLogs } from '../strategy.ts'
import { morphoAbi, preLiquidationFactoryAbi } from './abi.ts'
import type { MarketList } from './market-list.ts'

/** Which topic names the owner: it differs from event to event. */
const OWNER_TOPIC = {
  Borrow: 2,
  WithdrawCollateral: 2,
  SetAuthorization: 2,
  Repay: 3,
  SupplyCollateral: 3,
  Liquidate: 3,
} as const

const CREATE_MARKET = topicOf('CreateMarket')
const LIQUIDATE = topicOf('Liquidate')
const SET_AUTHORIZATION = topicOf('SetAuthorization')
const CREATE_PRE_LIQUIDATION = preLiquidationFactoryAbi.getEvent('CreatePreLiquidation')?.topicHash ?? ''
const OWNER_TOPICS: ReadonlyMap<string, number> = new Map(
  Object.entries(OWNER_TOPIC).map(([name, topic]) => [topicOf(name), topic]),
)

function topicOf(name: string): string {
  return morphoAbi.getEvent(name)?.topicHash ?? ''
}

/** Morpho's events. All markets live in one contract; new ones and new pre-liquidation contracts are remembered. */
export function createLogs(deps: {
  morpho: Address
  preLiquidationFactory: Address
  list: MarketList
}): StrategyLogs {
  const filter = {
    addresses: [deps.morpho, deps.preLiquidationFactory],
    topics: [...OWNER_TOPICS.keys(), CREATE_MARKET, CREATE_PRE_LIQUIDATION],
  }

  function fromFactory({ topics, data }: ChainLog): LogEvent[] {
    const address = addressInTopic(topics[1])
    const [marketId] = wordsIn(data, 7) ?? []
    if (topics[0] !== CREATE_PRE_LIQUIDATION || !address || marketId === undefined) return []
    deps.list.learnPreLiquidation(`0x${marketId.toString(16).padStart(64, '0')}`, address)
    return [{ kind: 'configChanged' }]
  }

  function fromMorpho({ topics, data }: ChainLog): LogEvent[] {
    const [signature = '', second = ''] = topics
    if (signature === CREATE_MARKET) {
      if (isMarketId(second)) deps.list.learn([second])
      return [{ kind: 'configChanged' }]
    }
    const owner = addressInTopic(topics[OWNER_TOPICS.get(signature) ?? -1])
    if (!owner) return []
    // A loan in a market that nobody has told of yet must be found all the same.
    if (signature !== SET_AUTHORIZATION && isMarketId(second)) deps.list.learn([second])
    const touched: LogEvent = { kind: 'touched', owner }
    if (signature !== LIQUIDATE) return [touched]
    const [repaid, , seized] = wordsIn(data, 5) ?? []
    const key = `morpho:${second}:${owner}`
    return [touched, { kind: 'liquidated', owner, key, repaid: amount(repaid), seized: amount(seized) }]
  }

  return {
    filter: () => Promise.resolve(filter),
    decode: (log) => (log.address === deps.morpho ? fromMorpho(log) : fromFactory(log)),
  }
}

function isMarketId(topic: string): boolean {
  return /^0x[0-9a-f]{64}$/.test(topic)
}

/** The event does not name the tokens; the market's parameters do. */
function amount(amountRaw: bigint | undefined): { token: null; amountRaw: bigint } | null {
  return amountRaw === undefined ? null : { token: null, amountRaw }
}
