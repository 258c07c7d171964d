import type { Call, CallResult } from '../../src/chain/chain-reader.ts'
import { decodeWords } from '../../src/chain/words.ts'
import type { Address } from '../../src/domain/address.ts'
import type { Token } from '../../src/domain/detail.ts'
import type { NoneReading, PositionRef, UnknownReading } from '../../src/domain/position.ts'
import { DecodeError } from '../../src/errors.ts'
import { vaultAbi } from './abi.ts'
import { type Place, placeOf } from './accounts.ts'
import type { CollateralVault, CollateralVaults } from './collateral-vaults.ts'
import { decoded, decodeFullLiquidity, decodeUint, type FullLiquidity } from './decode.ts'
import { readWithFreshPrices } from './fresh-prices.ts'
import { RATE_GETTERS, supplyRateWad, yearlyWad } from './rates.ts'
import { faultIn, none, type ReadContext, unknown, whereTo } from './read.ts'
import { LIQUIDITY_GAS } from './search.ts'
import type { Vault } from './vaults.ts'

export const LTV_SCALE = 10_000n

/** A change of a liquidation LTV that governance spread over time. All LTVs in basis points. */
export interface Ramp {
  readonly fromBps: bigint
  readonly toBps: bigint
  /** Unix seconds. */
  readonly until: bigint
}

/** One enabled collateral of an account. */
export interface Collateral {
  readonly vault: Pick<CollateralVault, 'address' | 'symbol'>
  readonly token: Token
  /** In the smallest unit of the vault's asset. */
  readonly amountRaw: bigint
  /** Counted against the debt: already weighed with the LTV. */
  readonly weighedValue: bigint
  /** The liquidation LTV as of the block; 0 does not count at all. */
  readonly ltvBps: bigint
  readonly ramp: Ramp | null
  readonly yearlyRateWad: bigint | null
}

/** One position with everything it consists of. Values in the vault's unit of account. */
export interface Whole {
  readonly kind: 'ok'
  readonly place: Place
  readonly vault: Vault
  readonly asset: Token
  readonly debtRaw: bigint
  readonly liquidity: FullLiquidity
  readonly collaterals: readonly Collateral[]
  /** Enabled vaults that count and do not tell what they hold; health contains them. */
  readonly unreadable: readonly Address[]
  readonly debtRateWad: bigint | null
}

export interface WholeContext extends ReadContext {
  readonly collateralVaults: CollateralVaults
}

export async function readWhole(
  ref: PositionRef,
  context: WholeContext,
): Promise<Whole | NoneReading | UnknownReading> {
  const place = placeOf(ref)
  if (!place) return unknown('decode', 'this is not a position that Euler can have')
  const { at } = context
  const { controller, account } = place
  const fullCall: Call = {
    to: controller,
    data: vaultAbi.encodeFunctionData('accountLiquidityFull', [account, true]),
    gas: 2 * LIQUIDITY_GAS,
  }
  const [first, debt, rate] = await at.call([
    fullCall,
    call(controller, ['debtOf', account]),
    call(controller, ['interestRate']),
  ])
  const full = await freshIfStale({ result: first, read: fullCall, place }, context)
  const fault = faultIn(full)
  if (fault?.kind === 'no-liability') return none(context)
  if (fault?.kind === 'not-controller') {
    return (await whereTo([{ ref, place }], context)).get(ref) ?? none(context)
  }
  if (fault) return fault.reading
  const liquidity = decoded(full, decodeFullLiquidity)
  const debtRaw = decoded(debt, decodeUint)
  if (!liquidity || debtRaw === null) return unknown('decode', 'the answer of the vault cannot be read')
  const vault = (await context.vaults([controller], at)).get(controller)
  if (!vault) return unknown('decode', 'the vault could not be read')
  if (!vault.assetToken) return unknown('decode', 'the token that is owed does not tell its decimals')
  const { collaterals, unreadable } = await readCollaterals({ liquidity, place }, context)
  const perSecond = decoded(rate, decodeUint)
  return {
    kind: 'ok',
    place,
    vault,
    asset: vault.assetToken,
    debtRaw,
    liquidity,
    collaterals,
    unreadable,
    debtRateWad: perSecond === null ? null : yearlyWad(perSecond),
  }
}

async function freshIfStale(
  { result, read, place }: { result: CallResult | undefined; read: Call; place: Place },
  context: ReadContext,
): Promise<CallResult | undefined> {
  const fault = faultIn(result)
  if (fault?.kind !== 'unreadable' || !fault.stale) return result
  const [fresh] = await readWithFreshPrices([{ loan: place, read }], context)
  return fresh?.ok ? fresh : result
}

/** Anybody can enable any contract as collateral, so one that does not tell what it holds hides no others. */
async function readCollaterals(
  { liquidity, place }: { liquidity: FullLiquidity; place: Place },
  { collateralVaults, at }: WholeContext,
): Promise<Pick<Whole, 'collaterals' | 'unreadable'>> {
  const vaults = await collateralVaults(
    liquidity.collaterals.map(({ vault }) => vault),
    at,
  )
  const perVault = 3 + RATE_GETTERS.length
  const results = await at.call(
    liquidity.collaterals.flatMap(({ vault }) => [
      call(vault, ['balanceOf', place.account]),
      call(place.controller, ['LTVLiquidation', vault]),
      call(place.controller, ['LTVFull', vault]),
      ...RATE_GETTERS.map((name) => call(vault, [name])),
    ]),
  )
  const parts = liquidity.collaterals.map(({ vault, value }, index) => {
    const [balance, ltv, ltvFull, ...market] = results.slice(index * perVault, (index + 1) * perVault)
    return {
      vault,
      value,
      shares: decoded(balance, decodeUint),
      ltvBps: decoded(ltv, decodeLtv),
      ramp: decoded(ltvFull, (data) => decodeRamp(data, at.block.timestamp)),
      yearlyRateWad: supplyRateWad(market.map((result) => decoded(result, decodeUint))),
    }
  })
  const assets = await at.call(
    parts.map(({ vault, shares }) => call(vault, ['convertToAssets', shares ?? 0n])),
  )
  const collaterals: Collateral[] = []
  const unreadable: Address[] = []
  for (const [index, { vault: address, value, shares, ltvBps, ramp, yearlyRateWad }] of parts.entries()) {
    const vault = vaults.get(address)
    const amountRaw = decoded(assets[index], decodeUint)
    if (!vault || shares === null || ltvBps === null || ramp === null || amountRaw === null) {
      const counts = value > 0n || (ltvBps !== 0n && shares !== 0n)
      if (counts) unreadable.push(address)
      continue
    }
    collaterals.push({
      vault,
      token: vault.token,
      amountRaw,
      weighedValue: value,
      ltvBps,
      ramp: ramp.running,
      yearlyRateWad,
    })
  }
  return { collaterals, unreadable }
}

function decodeLtv(data: string): bigint {
  const ltv = decodeUint(data)
  if (ltv > LTV_SCALE) throw new DecodeError('an LTV over 100 %')
  return ltv
}

/** Wrapped, so that "no ramp" is not "not readable". */
function decodeRamp(data: string, now: number): { running: Ramp | null } {
  const [, toBps = 0n, fromBps = 0n, until = 0n] = decodeWords(data, 5)
  if (toBps > LTV_SCALE || fromBps > LTV_SCALE) throw new DecodeError('an LTV over 100 %')
  return { running: until > BigInt(now) && toBps < fromBps ? { fromBps, toBps, until } : null }
}

function call(to: Address, [name, ...args]: readonly [string, ...unknown[]]): Call {
  return { to, data: vaultAbi.encodeFunctionData(name, args), gas: 60_000 }
}
