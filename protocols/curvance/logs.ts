import { wordsOf } from '../../src/chain/answers.ts'
import type { ChainLog } from '../../src/chain/chain-log.ts'
import type { LogEvent, StrategyLogs } from '../strategy.ts'
import { cTokenAbi, managerAbi } from './abi.ts'
import { addressOfWord } from './answers.ts'
import type { Markets } from './markets.ts'

/** No field is indexed: how many words the data has, and which of them names the account. */
const ACCOUNT_WORD: ReadonlyMap<string, { readonly words: number; readonly account: number }> = new Map([
  [topicOf(managerAbi, 'PositionUpdated'), { words: 3, account: 1 }],
  [topicOf(cTokenAbi, 'Borrow'), { words: 3, account: 2 }],
  [topicOf(cTokenAbi, 'Repay'), { words: 4, account: 3 }],
  [topicOf(cTokenAbi, 'CollateralUpdated'), { words: 3, account: 2 }],
  [topicOf(cTokenAbi, 'Liquidated'), { words: 3, account: 2 }],
])
const LIQUIDATED = topicOf(cTokenAbi, 'Liquidated')
const CONFIG = new Set([topicOf(managerAbi, 'TokenListed'), topicOf(managerAbi, 'TokenConfigUpdated')])

function topicOf(abi: typeof managerAbi, name: string): string {
  return abi.getEvent(name)?.topicHash ?? ''
}

/** The events of every known manager and cToken. */
export function createLogs(markets: Markets): StrategyLogs {
  function liquidated({ address, data }: ChainLog, owner: `0x${string}`): LogEvent[] {
    const market = [...markets.known()].find(({ tokens }) => tokens.some(({ cToken }) => cToken === address))
    const [amountRaw] = wordsOf({ ok: true, data }, 3) ?? []
    if (!market || amountRaw === undefined) return []
    const key = `curvance:${market.id}:${owner}`
    // Shares of the cToken: the event does not say what they are worth, nor what was repaid.
    return [{ kind: 'liquidated', owner, key, repaid: null, seized: { token: address, amountRaw } }]
  }

  return {
    async filter(at) {
      const { byId } = await markets.at(at)
      const addresses = [...byId.values()].flatMap(({ id, tokens }) => [
        id,
        ...tokens.map(({ cToken }) => cToken),
      ])
      return { addresses: [...new Set(addresses)], topics: [...ACCOUNT_WORD.keys(), ...CONFIG] }
    },
    decode(log) {
      const [topic = '', ...indexed] = log.topics
      if (indexed.length > 0) return []
      if (CONFIG.has(topic)) {
        markets.refresh()
        return [{ kind: 'configChanged' }]
      }
      const shape = ACCOUNT_WORD.get(topic)
      const words = shape && wordsOf({ ok: true, data: log.data }, shape.words)
      const owner = shape && words ? addressOfWord(words[shape.account]) : null
      if (owner === null) return []
      return [{ kind: 'touched', owner }, ...(topic === LIQUIDATED ? liquidated(log, owner) : [])]
    },
  }
}
