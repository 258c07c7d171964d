import type {
  CollateralLine,
  PositionDetail,
  Price,
  Token,
  TokenLine,
  WayOut,
} from '../../../src/domain/detail.ts'
import type { Unit, Value } from '../../../src/domain/position.ts'
import { linesFor } from '../../../src/domain/thresholds.ts'
import type { ShownLoan } from '../../../src/views/loan.ts'
import { wad } from '../domain/alerting/series.ts'
import { aRef, reading } from './kit.ts'

export const WMON = aToken('WMON', { decimals: 18 })
export const USDC = aToken('USDC', { decimals: 6 })

/** A token; each symbol has an address of its own unless one is given. */
export function aToken(symbol: string, over: Partial<Token> = {}): Token {
  const digits = Buffer.from(symbol).toString('hex').slice(0, 40).padEnd(40, '0')
  return { symbol, decimals: 18, address: `0x${digits}`, ...over }
}

/** A decimal number of dollars or of another unit. */
export function value(text: string): Value {
  return { amount: wad(text), decimals: 18 }
}

export function price(text: string, unit: Unit = 'USD'): Price {
  return { ...value(text), unit }
}

/** So many whole tokens, as the smallest unit counts them. */
export function raw(text: string, { decimals }: Pick<Token, 'decimals'>): bigint {
  return (wad(text) * 10n ** BigInt(decimals)) / 10n ** 18n
}

export function aCollateral(over: Partial<CollateralLine> = {}): CollateralLine {
  return {
    token: WMON,
    amountRaw: raw('1000', WMON),
    value: value('3400'),
    price: price('3.4'),
    yearlyRateWad: wad('0.021'),
    secures: true,
    thresholdWad: wad('0.75'),
    liquidationPrice: price('2.31'),
    ...over,
  }
}

export function aDebt(over: Partial<TokenLine> = {}): TokenLine {
  return {
    token: USDC,
    amountRaw: raw('1875', USDC),
    value: value('1875'),
    price: price('1'),
    yearlyRateWad: wad('0.053'),
    ...over,
  }
}

export function aDetail(over: Partial<PositionDetail> = {}): PositionDetail {
  const { health, unit, block, endpoint } = reading('1.36')
  return {
    ref: aRef(),
    health,
    collateral: [aCollateral()],
    debt: [aDebt()],
    unit,
    exact: true,
    mode: null,
    notes: [],
    url: 'https://app.morpho.org/monad',
    block,
    endpoint,
    ...over,
  }
}

export function aWay(over: Partial<WayOut> = {}): WayOut {
  return {
    kind: 'repay',
    token: USDC,
    amountRaw: 1_234_567_890n,
    healthAfterWad: wad('1.4'),
    reachesTarget: true,
    walletRaw: raw('200', USDC),
    ...over,
  }
}

export function aLoan(over: Partial<ShownLoan> = {}): ShownLoan {
  return {
    ref: aRef(),
    label: 'Main',
    lines: { ...linesFor(wad('1.4')), source: 'wallet' },
    last: null,
    place: '1:100',
    watched: true,
    ...over,
  }
}
