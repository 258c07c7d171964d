import { shortAddress } from '../../src/domain/address.ts'
import { LTV_SCALE, type Whole } from './whole.ts'

/** What a person should know beyond the numbers, one sentence each. */
export function notesOf({ collaterals, liquidity, unreadable }: Whole): string[] {
  const names = (list: Whole['collaterals']) => list.map(({ vault }) => vault.symbol).join(', ')
  const useless = collaterals.filter(({ ltvBps, amountRaw }) => ltvBps === 0n && amountRaw > 0n)
  return [
    ...(liquidity.liabilityValue > 0n && liquidity.collateralValue === 0n
      ? ['There is debt but no collateral that counts.']
      : []),
    ...(unreadable.length > 0
      ? [
          `Collateral that counts but could not be read is not listed: ${unreadable.map((vault) => shortAddress(vault)).join(', ')}.`,
        ]
      : []),
    ...(useless.length > 0 ? [`Does not count as collateral in this vault: ${names(useless)}.`] : []),
    ...collaterals.flatMap(({ vault, ramp }) =>
      ramp
        ? [
            `The liquidation LTV of ${vault.symbol} is being lowered from ${percent(ramp.fromBps)} to ${percent(ramp.toBps)} until ${utc(ramp.until)}.`,
          ]
        : [],
    ),
  ]
}

function percent(bps: bigint): string {
  return `${Number((bps * 10_000n) / LTV_SCALE) / 100}%`
}

function utc(seconds: bigint): string {
  const time = new Date(Number(seconds) * 1000)
  return Number.isNaN(time.getTime())
    ? 'a far day'
    : `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
