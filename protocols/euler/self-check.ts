import type { ChainReader } from '../../src/chain/chain-reader.ts'
import type { Address } from '../../src/domain/address.ts'
import { ApiError } from '../../src/errors.ts'
import type { CheckLine, ContractRef } from '../strategy.ts'
import { factoryAbi } from './abi.ts'
import { decoded, decodeUint } from './decode.ts'
import type { Known } from './known.ts'
import { readUsers } from './search.ts'
import type { Subgraph } from './subgraph.ts'
import type { Vaults } from './vaults.ts'

export interface SelfCheckContext {
  readonly contracts: readonly ContractRef[]
  readonly evc: Address
  readonly vaultFactory: Address
  readonly subgraph: Subgraph | null
  readonly known: Known
  readonly vaults: Vaults
}

const TRIED_VAULTS = 20

/** Code at the addresses, one answer of each contract, a vault that was met, and the subgraph. */
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
async function vaultLine({ known, vaults }: SelfCheckContext, at: ChainReader): Promise<CheckLine[]> {
  const tried = known.vaults().slice(0, TRIED_VAULTS)
  if (tried.length === 0) return []
  const read = (await vaults(tried, at)).size
  return [
    { ok: read > 0, what: 'Euler reads', detail: `${read} of ${tried.length} vaults tried could be read` },
  ]
}

async function subgraphLine({ subgraph, evc }: SelfCheckContext, at: ChainReader): Promise<CheckLine> {
  const what = 'Euler subgraph'
  if (!subgraph) return { ok: true, what, detail: 'switched off: accounts are searched on the chain alone' }
  try {
    const { priority, signal, block } = at
    const { gaps } = await subgraph.accounts([evc], { priority, signal, blockNumber: block.number })
    return { ok: gaps === null, what, detail: gaps ?? 'answered' }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return { ok: false, what, detail: `${error.message}; accounts are searched on the chain alone` }
  }
}
