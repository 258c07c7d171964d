import type { Call, CallResult, ChainReader } from '../../src/chain/chain-reader.ts'
import { decodeWords } from '../../src/chain/words.ts'
import type { Address } from '../../src/domain/address.ts'
import {
  type LendingOpportunity,
  type LendingYields,
  lendingRow,
  usableRows,
  utilisationWad,
} from '../../src/domain/pools/lending.ts'
import { oracleAbi, perspectiveAbi, vaultAbi } from './abi.ts'
import { decodeAddresses, decoded, decodeUint } from './decode.ts'
import { RATE_GETTERS, supplyRateWad } from './rates.ts'
import type { Vault, Vaults } from './vaults.ts'

export interface YieldsContext {
  /** Lists the vaults that Euler vouches for; `null`: only those that were met. */
  readonly perspective: Address | null
  readonly vaults: Vaults
  /** Vaults that were met and that the factory made. */
  readonly met: (at: ChainReader) => Promise<readonly Address[]>
  readonly appUrl: string
  readonly at: ChainReader
}

/** The vaults to look at, those that Euler vouches for first. */
export interface VaultList {
  readonly addresses: readonly Address[]
  readonly vouched: ReadonlySet<Address>
  readonly gaps: string | null
}

/** There were 75 that Euler vouches for in November 2026. */
const MAX_VAULTS = 500
const GETTER_GAS = 60_000
const QUOTE_GAS = 300_000
const GETTERS = [...RATE_GETTERS, 'caps'] as const

/**
 * `interestRate` per second with 27 decimals, times the seconds of 365 days, times the part that is lent out, without the
 * vault's fee: a simple yearly rate. Euler compounds every second, and its app shows the compounded one. Rewards are not told.
 */
export async function readYields(context: YieldsContext): Promise<LendingYields> {
  const { at, vaults } = context
  const list = await listVaults(context)
  const found = await vaults(list.addresses, at)
  const known = [...found.values()]
  const results = await at.call([
    ...known.flatMap(({ address }) =>
      GETTERS.map((name) => ({
        to: address,
        data: vaultAbi.encodeFunctionData(name),
        gas: GETTER_GAS,
      })),
    ),
    ...known.map(quoteCall),
  ])
  const { rows, skipped } = usableRows(
    known.map((vault, index) => {
      const answers = results.slice(index * GETTERS.length, (index + 1) * GETTERS.length)
      const quote = results[known.length * GETTERS.length + index]
      return rowOf({ vault, answers, priceUsd: priceUsd(vault, quote) }, { ...context, list })
    }),
  )
  return { rows, skipped: skipped + list.addresses.length - found.size, gaps: list.gaps }
}

export async function listVaults({
  perspective,
  met,
  at,
}: Pick<YieldsContext, 'perspective' | 'met' | 'at'>): Promise<VaultList> {
  const [known, answers] = await Promise.all([
    met(at),
    perspective === null ? [] : at.call([listCall(perspective)]),
  ])
  const listed = decoded(answers[0], (data) => decodeAddresses(data, MAX_VAULTS))
  const addresses = [...new Set([...(listed ?? []), ...known])]
  const gaps =
    perspective === null
      ? "Euler's list of vaults is not configured"
      : listed === null
        ? "Euler's list of vaults does not answer"
        : addresses.length > MAX_VAULTS
          ? 'Euler has more vaults than I look at'
          : null
  return { addresses: addresses.slice(0, MAX_VAULTS), vouched: new Set(listed ?? []), gaps }
}

function listCall(to: Address): Call {
  return { to, data: perspectiveAbi.encodeFunctionData('verifiedArray'), gas: 5_000_000 }
}

/** Of one whole token of the asset, by the vault's own oracle. */
export function quoteCall({ oracle, asset, assetToken, unitOfAccount }: Vault): Call {
  const whole = 10n ** BigInt(assetToken?.decimals ?? 0)
  return {
    to: oracle,
    data: oracleAbi.encodeFunctionData('getQuote', [whole, asset, unitOfAccount]),
    gas: QUOTE_GAS,
  }
}

/** `null` where the vault does not count in dollars, or its oracle does not answer: an old price is no price. */
export function priceUsd({ unit, unitDecimals }: Vault, quote: CallResult | undefined): number | null {
  const worth = unit === 'USD' ? decoded(quote, decodeUint) : null
  return worth === null || worth === 0n ? null : Number(worth) / 10 ** unitDecimals
}

function rowOf(
  read: { vault: Vault; answers: readonly CallResult[]; priceUsd: number | null },
  { list, appUrl, at }: Pick<YieldsContext, 'appUrl' | 'at'> & { list: VaultList },
): LendingOpportunity | null {
  const { vault, answers } = read
  const rates = RATE_GETTERS.map((_, index) => decoded(answers[index], decodeUint))
  const [, liquidityRaw, lentRaw] = rates
  const rateWad = supplyRateWad(rates)
  if (rateWad === null || liquidityRaw == null || lentRaw == null || !vault.assetToken) return null
  const suppliedRaw = liquidityRaw + lentRaw
  const cap = decoded(answers[RATE_GETTERS.length], decodeSupplyCap)
  const isVouched = list.vouched.has(vault.address)
  return lendingRow({
    source: 'euler',
    market: vault.address,
    id: idOf(vault),
    name: `${vault.assetToken.symbol} · Euler ${vault.symbol}`,
    asset: vault.assetToken,
    rateWad,
    utilisationWad: utilisationWad({ lentRaw, liquidityRaw }),
    suppliedRaw,
    liquidityRaw,
    // A vault that does not tell its cap may take nothing.
    open: cap !== null && (cap.raw === null || suppliedRaw < cap.raw),
    priceUsd: read.priceUsd,
    verified: isVouched ? true : null,
    trust: isVouched ? 'high' : 'low',
    link: `${appUrl}/vault/${vault.address}?network=monad`,
    seenAtMs: at.block.timestamp * 1000,
  })
}

/** Euler packs caps into 16 bits: hundredths above, a power of ten in the low six. Zero is no cap (`raw: null`). */
export function decodeSupplyCap(data: string): { readonly raw: bigint | null } {
  const [packed = 0n] = decodeWords(data, 2)
  if (packed === 0n) return { raw: null }
  return { raw: (10n ** (packed & 63n) * (packed >> 6n)) / 100n }
}

export function idOf({ address }: Pick<Vault, 'address'>): string {
  return `euler:lend:${address}`
}
