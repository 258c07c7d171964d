import type { ChainReader } from '../../src/chain/chain-reader.ts'
import type { Address } from '../../src/domain/address.ts'
import { ApiError } from '../../src/errors.ts'
import type { CheckLine, ContractRef } from '../strategy.ts'
import { factoryAbi, multicallAbi, pythAbi } from './abi.ts'
import { decoded, decodeUint } from './decode.ts'
import type { Hermes } from './hermes.ts'
import { readUsers } from './search.ts'
import type { Subgraph } from './subgraph.ts'
import type { Vaults } from './vaults.ts'

export interface SelfCheckContext {
  readonly contracts: readonly ContractRef[]
  readonly evc: Address
  readonly vaultFactory: Address
  readonly subgraph: Subgraph | null
  readonly followVaults: (at: ChainReader) => Promise<readonly Address[]>
  readonly vaults: Vaults
  /** `null`: old prices stay old. */
  readonly prices: { readonly hermes: Hermes; readonly pyth: Address } | null
  readonly multicall: Address
}

const SUBGRAPH_ADVICE =
  'until it is well again accounts are searched on the chain alone; if it stays so, change or empty BUOY_EULER_SUBGRAPH_URL'
const TRIED_VAULTS = 20
/** ETH/USD: a feed that Pyth has everywhere, to see whether there is an answer. */
const TRIED_FEED = '0xff61491a931112ddf1bd8147cd1b613375f79f5825126d665480874634fd0ace'

/** Code at the addresses, one answer of each contract, a vault that was met, the subgraph, and Pyth's prices and what they cost. */
export async function selfCheckEuler(context: SelfCheckContext, at: ChainReader): Promise<CheckLine[]> {
  const codes = await Promise.all(
    context.contracts.map(async (contract) => ({ contract, there: await at.hasCode(contract.address) })),
  )
  const lines: CheckLine[] = codes.map(({ contract, there }) => ({
    ok: there,
    what: `${contract.what} ${contract.address}`,
    detail: there ? 'code found' : `no contract at this address; see ${contract.configuredBy}`,
  }))
  return [
    ...lines,
    ...(await answers(context, at)),
    ...(await vaultLine(context, at)),
    await subgraphLine(context, at),
    ...(await priceLines(context, at)),
  ]
}

async function answers({ evc, vaultFactory }: SelfCheckContext, at: ChainReader): Promise<CheckLine[]> {
  const [[user], [length]] = await Promise.all([
    readUsers([evc], { evc, at }),
    at.call([{ to: vaultFactory, data: factoryAbi.encodeFunctionData('getProxyListLength') }]),
  ])
  const vaults = decoded(length, decodeUint)
  return [
    {
      ok: user != null,
      what: 'Euler accounts',
      detail:
        user == null ? 'the vault connector does not answer as expected; see BUOY_EULER_EVC' : 'answered',
    },
    {
      ok: vaults !== null && vaults > 0n,
      what: 'Euler vaults',
      detail: vaults
        ? `${vaults} made by the factory`
        : 'the factory knows no vaults; see BUOY_EULER_VAULT_FACTORY',
    },
  ]
}

/** Nothing to say before a vault was met. */
async function vaultLine({ followVaults, vaults }: SelfCheckContext, at: ChainReader): Promise<CheckLine[]> {
  const tried = (await followVaults(at)).slice(0, TRIED_VAULTS)
  if (tried.length === 0) return []
  const read = (await vaults(tried, at)).size
  const detail = `${read} of ${tried.length} vaults tried could be read`
  const advice = '; compare BUOY_EULER_VAULT_FACTORY, and try other endpoints in BUOY_RPC_URLS'
  return [{ ok: read > 0, what: 'Euler reads', detail: read > 0 ? detail : `${detail}${advice}` }]
}

async function subgraphLine({ subgraph, evc }: SelfCheckContext, at: ChainReader): Promise<CheckLine> {
  const what = 'Euler subgraph'
  if (!subgraph) return { ok: true, what, detail: 'switched off: accounts are searched on the chain alone' }
  try {
    const { priority, signal, block } = at
    const { gaps } = await subgraph.accounts([evc], { priority, signal, blockNumber: block.number })
    return { ok: gaps === null, what, detail: gaps === null ? 'answered' : `${gaps}; ${SUBGRAPH_ADVICE}` }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return { ok: false, what, detail: `${error.message}; ${SUBGRAPH_ADVICE}` }
  }
}

async function priceLines(
  { prices, evc, multicall }: SelfCheckContext,
  at: ChainReader,
): Promise<CheckLine[]> {
  if (!prices) return []
  const what = "Pyth's prices"
  let signed: readonly string[]
  try {
    signed = await prices.hermes.latest([TRIED_FEED], { priority: at.priority, signal: at.signal })
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const advice = 'old prices of Pyth stay unseen; see BUOY_EULER_PYTH_URL'
    return [{ ok: false, what, detail: `${error.message}; ${advice}` }]
  }
  return [{ ok: true, what, detail: 'answered' }, await feeLine({ ...prices, signed, evc, multicall }, at)]
}

/** A read carries no money: the vault connector pays for the update out of what it happens to hold. */
async function feeLine(
  {
    pyth,
    signed,
    evc,
    multicall,
  }: Pick<SelfCheckContext, 'evc' | 'multicall'> & {
    readonly pyth: Address
    readonly signed: readonly string[]
  },
  at: ChainReader,
): Promise<CheckLine> {
  const what = 'Pyth update fee'
  const results = await at.call([
    { to: pyth, data: pythAbi.encodeFunctionData('getUpdateFee', [signed]), gas: 200_000 },
    { to: multicall, data: multicallAbi.encodeFunctionData('getEthBalance', [evc]) },
  ])
  const [fee, held] = results.map((result) => decoded(result, decodeUint))
  if (fee == null) return { ok: false, what, detail: 'the contract names no fee; see BUOY_EULER_PYTH' }
  if (held == null) return { ok: false, what, detail: 'no balance could be read; see BUOY_MULTICALL3' }
  const detail =
    fee <= held
      ? `${fee} wei, which reads can pay`
      : 'price updates cost a fee that a read cannot pay: old prices stay unseen'
  return { ok: true, what, detail }
}
