import type { ChainReader } from '../../src/chain/chain-reader.ts'
import type { Address } from '../../src/domain/address.ts'
import type { CheckLine, ContractRef } from '../strategy.ts'
import { poolAbi } from './abi.ts'
import { baseCurrencyCalls, decodeBaseCurrency } from './base-currency.ts'
import type { Market, Markets } from './markets.ts'
import { accountCall, decodeAccount } from './read.ts'
import { wordOf } from './words-of.ts'

/** An address that nobody can own a loan with. */
const NOBODY = '0x0000000000000000000000000000000000000001'

/** Code at every configured address, every market resolved with what it counts in, and one account decoded in each. */
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
    detail: `does not answer as a PoolAddressesProvider whose oracle tells its base unit; ${remedyFor(id, contracts)}`,
  }))
  const marketLines = await Promise.all(markets.list.map((market) => checkMarket({ market, contracts }, at)))
  return [...contractLines, registryLine, ...unresolvedLines, ...marketLines]
}

async function checkMarket(
  { market, contracts }: { market: Market; contracts: readonly ContractRef[] },
  at: ChainReader,
): Promise<CheckLine> {
  const { base } = market
  const what = `Neverland market ${market.name}`
  const remedy = remedyFor(market.id, contracts)
  const [account, revision, ...told] = await at.call([
    accountCall(NOBODY, market),
    { to: market.pool, data: poolAbi.encodeFunctionData('POOL_REVISION') },
    ...baseCurrencyCalls(market.oracle),
  ])
  const reading = account?.ok ? decodeAccount(account, { at, base }) : undefined
  if (reading?.kind !== 'none') {
    return { ok: false, what, detail: `an empty account does not decode as in Aave v3; ${remedy}` }
  }
  const now = decodeBaseCurrency(told)
  if (now?.unit !== base.unit || now.decimals !== base.decimals) {
    return { ok: false, what, detail: `its oracle does not tell its base unit as before; ${remedy}` }
  }
  // Tells which rounding applies: 1 as Aave v3.0.2, 2 as Neverland's hardened pool, more as later Aave.
  const known = wordOf(revision)
  const counted =
    base.unit === 'USD' ? '' : `; counts in a base unit of ${base.decimals} decimals, not in dollars`
  return { ok: true, what, detail: `pool ${market.pool}, revision ${known ?? 'not told'}${counted}` }
}

/** What can be changed about a market that does not answer: only a configured one can be taken out. */
function remedyFor(id: Address, contracts: readonly ContractRef[]): string {
  return contracts.some(({ address }) => address === id)
    ? 'see BUOY_NEVERLAND_PROVIDERS'
    : 'the registry lists it: see BUOY_NEVERLAND_REGISTRY, or wait until it answers or a newer Buoy knows it'
}
