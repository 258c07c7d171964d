import type { ChainReader } from '../../src/chain/chain-reader.ts'
import type { CheckLine, ContractRef } from '../strategy.ts'
import { oracleAbi, poolAbi } from './abi.ts'
import { decodeFirst, type Market, type Markets } from './markets.ts'
import { accountCall, BASE_DECIMALS, decodeAccount } from './read.ts'
import { wordOf } from './words-of.ts'

/** An address that nobody can own a loan with. */
const NOBODY = '0x0000000000000000000000000000000000000001'

/** Code at every configured address, every market resolved, and one account and base unit decoded in each. */
export async function selfCheckNeverland(
  context: { contracts: readonly ContractRef[]; markets: Markets },
  at: ChainReader,
): Promise<CheckLine[]> {
  const { contracts, markets } = context
  const codes = await Promise.all(
    contracts.map(async (contract) => ({ contract, there: await at.hasCode(contract.address) })),
  )
  const contractLines = codes.map(({ contract, there }) => ({
    ok: there,
    what: `${contract.what} ${contract.address}`,
    detail: there ? 'code found' : `no contract at this address; see ${contract.configuredBy}`,
  }))
  const registryLine = {
    ok: markets.registryRead,
    what: 'Neverland registry',
    detail: markets.registryRead
      ? `${markets.list.length} markets`
      : 'did not answer; see BUOY_NEVERLAND_REGISTRY',
  }
  const unresolvedLines = markets.unresolved.map((id) => ({
    ok: false,
    what: `Neverland market ${id}`,
    detail: 'does not answer as a PoolAddressesProvider; see BUOY_NEVERLAND_PROVIDERS',
  }))
  const marketLines = await Promise.all(markets.list.map((market) => checkMarket(market, at)))
  return [...contractLines, registryLine, ...unresolvedLines, ...marketLines]
}

async function checkMarket(market: Market, at: ChainReader): Promise<CheckLine> {
  const what = `Neverland market ${market.name}`
  const [account, baseUnit, revision] = await at.call([
    accountCall(NOBODY, market),
    { to: market.oracle, data: oracleAbi.encodeFunctionData('BASE_CURRENCY_UNIT') },
    { to: market.pool, data: poolAbi.encodeFunctionData('POOL_REVISION') },
  ])
  const reading = account?.ok ? decodeAccount(account, at) : undefined
  if (reading?.kind !== 'none') {
    return { ok: false, what, detail: 'an empty account does not decode as in Aave v3' }
  }
  const unit = decodeFirst(oracleAbi, { name: 'BASE_CURRENCY_UNIT', result: baseUnit })
  if (unit !== 10n ** BigInt(BASE_DECIMALS)) {
    return { ok: false, what, detail: 'base currency is not USD with 8 decimals: its amounts would be wrong' }
  }
  // Tells which rounding applies: 1 as Aave v3.0.2, 2 as Neverland's hardened pool, more as later Aave.
  const told = wordOf(revision)
  return { ok: true, what, detail: `pool ${market.pool}, revision ${told ?? 'not told'}` }
}
