import type { ChainReader } from '../../src/chain/chain-reader.ts'
import type { Address } from '../../src/domain/address.ts'
import type { CheckLine, ContractRef } from '../strategy.ts'
import { type MarketList, SWITCHED_OFF } from './market-list.ts'
import type { Markets } from './markets.ts'
import { readStates } from './state.ts'

const TRIED_MARKETS = 20

/** Code at both addresses, the list of markets, and a market of it read as reading does. */
export async function selfCheckMorpho(
  context: {
    contracts: readonly ContractRef[]
    morpho: Address
    list: MarketList
    markets: Markets
  },
  at: ChainReader,
): Promise<CheckLine[]> {
  const codes = await Promise.all(
    context.contracts.map(async (contract) => ({ contract, there: await at.hasCode(contract.address) })),
  )
  const lines: CheckLine[] = codes.map(({ contract, there }) => ({
    ok: there,
    what: `${contract.what} ${contract.address}`,
    detail: there ? 'code found' : `no contract at this address; see ${contract.configuredBy}`,
  }))
  const { ids, gaps } = await context.list.known(at)
  lines.push({
    ok: gaps === null || gaps === SWITCHED_OFF,
    what: 'Morpho markets',
    detail: gaps === null ? `${ids.length} listed` : `${gaps}; ${ids.length} known from before`,
  })
  const tried = ids.slice(0, TRIED_MARKETS)
  const markets = await context.markets(tried, at)
  if (tried.length > 0) {
    const states = await readStates([...markets.values()], { morpho: context.morpho, at })
    const read = [...states.values()].filter(({ kind }) => kind === 'ok').length
    lines.push({
      ok: read > 0,
      what: 'Morpho reads',
      detail:
        read > 0
          ? `${read} of ${tried.length} markets tried have an oracle that answers`
          : 'no market could be read: is this the Morpho of this chain? See BUOY_MORPHO_ADDRESS',
    })
  }
  return lines
}
