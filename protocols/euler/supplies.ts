import type { Call } from '../../src/chain/chain-reader.ts'
import type { Address } from '../../src/domain/address.ts'
import { type Supplies, type Supply, usdOf } from '../../src/domain/pools/lending.ts'
import { ApiError } from '../../src/errors.ts'
import { vaultAbi } from './abi.ts'
import { subAccount } from './accounts.ts'
import { decoded, decodeUint } from './decode.ts'
import type { Known } from './known.ts'
import { MAX_OWNERS, type Subgraph } from './subgraph.ts'
import type { Vault } from './vaults.ts'
import { idOf, listVaults, priceUsd, quoteCall, type YieldsContext } from './yields.ts'

export interface SuppliesContext extends YieldsContext {
  readonly known: Known
  readonly subgraph: Subgraph | null
}

/** Balances that one search may read. */
const MAX_BALANCES = 20_000
const GETTER_GAS = 60_000
const API_BUDGET_MS = 6_000
const OTHER_ACCOUNTS = 'deposits of further accounts of the wallet may be missing'

interface Holding {
  readonly vault: Vault
  readonly account: Address
  readonly shares: bigint | null
}

/**
 * The deposits of an owner's account 0 and of those that loans, events or the subgraph name, in every vault that is known. All 256
 * accounts in all vaults would be too many, so without the subgraph an answer is never the whole truth.
 */
export async function readSupplies(
  owners: readonly Address[],
  context: SuppliesContext,
): Promise<Supplies[]> {
  const { at } = context
  const list = await listVaults(context)
  const vaults = [...(await context.vaults(list.addresses, at)).values()]
  const accounts = await accountsOf(owners, context)
  let left = MAX_BALANCES
  const plans = owners.map((_, index) => {
    const mine = accounts[index]?.addresses ?? []
    const fits = mine.length * vaults.length <= left
    if (fits) left -= mine.length * vaults.length
    return { mine: fits ? mine : [], fits }
  })
  const wanted = plans.map(({ mine }) =>
    mine.flatMap((account) => vaults.map((vault) => ({ vault, account }))),
  )
  const balances = await at.call(
    wanted.flat().map(({ vault, account }) => get(vault, ['balanceOf', account])),
  )
  let next = 0
  const held = wanted.map((places) =>
    places
      .map((place): Holding => {
        const shares = decoded(balances[next], decodeUint)
        next += 1
        return { ...place, shares }
      })
      .filter(({ shares }) => shares !== 0n),
  )
  const worth = await readWorth(held.flat(), context)
  return owners.map((owner, index) => {
    if (plans[index]?.fits !== true) {
      return { kind: 'partial', supplies: [], reason: 'that are too many wallets to look up at once' }
    }
    const found = (held[index] ?? []).map((holding) => worth(owner, holding))
    const supplies = found.filter((supply) => supply !== null)
    const reason =
      supplies.length < found.length || vaults.length < list.addresses.length
        ? 'some vaults could not be read'
        : (list.gaps ?? accounts[index]?.gaps ?? null)
    return reason === null ? { kind: 'complete', supplies } : { kind: 'partial', supplies, reason }
  })
}

async function accountsOf(
  owners: readonly Address[],
  { known, subgraph, at }: SuppliesContext,
): Promise<{ addresses: readonly Address[]; gaps: string | null }[]> {
  const answers: { addresses: readonly Address[]; gaps: string | null }[] = []
  for (let start = 0; start < owners.length; start += MAX_OWNERS) {
    const part = owners.slice(start, start + MAX_OWNERS)
    const listed = subgraph ? await askSubgraph(part, { subgraph, at }) : null
    for (const owner of part) {
      const ids = new Set([0, ...known.accounts(owner).ids, ...(listed?.accountIds.get(owner) ?? [])])
      const gaps = listed?.gaps === null ? null : OTHER_ACCOUNTS
      answers.push({ addresses: [...ids].map((id) => subAccount(owner, id)), gaps })
    }
  }
  return answers
}

async function askSubgraph(
  owners: readonly Address[],
  { subgraph, at }: { subgraph: Subgraph; at: SuppliesContext['at'] },
): Promise<Awaited<ReturnType<Subgraph['accounts']>> | null> {
  const limit = AbortSignal.timeout(API_BUDGET_MS)
  const signal = at.signal ? AbortSignal.any([at.signal, limit]) : limit
  try {
    return await subgraph.accounts(owners, { priority: at.priority, signal, blockNumber: at.block.number })
  } catch (error) {
    if (error instanceof ApiError) return null
    throw error
  }
}

/** What shares are paid out with and what that is worth; `null` for a vault that does not tell. */
async function readWorth(holdings: readonly Holding[], { at }: SuppliesContext) {
  const vaults = [...new Set(holdings.map(({ vault }) => vault))]
  const results = await at.call([
    ...holdings.map(({ vault, shares }) => get(vault, ['convertToAssets', shares ?? 0n])),
    ...vaults.map(quoteCall),
  ])
  return (owner: Address, holding: Holding): Supply | null => {
    const { vault, shares } = holding
    const amountRaw = decoded(results[holdings.indexOf(holding)], decodeUint)
    if (shares === null || amountRaw === null || !vault.assetToken) return null
    const quote = results[holdings.length + vaults.indexOf(vault)]
    return {
      owner,
      opportunityId: idOf(vault),
      market: vault.address,
      marketName: `Euler ${vault.symbol}`,
      asset: vault.assetToken,
      amountRaw,
      valueUsd: usdOf({ amountRaw, asset: vault.assetToken, priceUsd: priceUsd(vault, quote) }),
    }
  }
}

function get({ address }: Vault, [name, ...args]: readonly [string, ...unknown[]]): Call {
  return { to: address, data: vaultAbi.encodeFunctionData(name, args), gas: GETTER_GAS }
}
