import { wordOf } from '../../src/chain/answers.ts'
import type { ChainReader } from '../../src/chain/chain-reader.ts'
import { tokenAmount } from '../../src/domain/token-amount.ts'
import { WAD } from '../../src/domain/units.ts'
import type { LiquidatedEvent, LiquidationTold } from '../strategy.ts'
import { cTokenAbi } from './abi.ts'
import type { Markets } from './markets.ts'

/** The event counts shares of the cToken; a person knows what lies behind them. What was repaid it does not say. */
export async function describeLiquidation(
  { key, seized }: LiquidatedEvent,
  { markets, at }: { markets: Markets; at: ChainReader },
): Promise<LiquidationTold> {
  const [, id = ''] = key.split(':')
  const market = [...markets.known()].find((known) => known.id === id)
  const listed = market?.tokens.find(({ cToken }) => cToken === seized?.token)
  if (!market || !listed || !seized) return { marketName: market?.name ?? null, repaid: null, seized: null }
  const data = cTokenAbi.encodeFunctionData('exchangeRate')
  const [result] = await at.call([{ to: listed.cToken, data }])
  const rateWad = wordOf(result)
  const assets = rateWad === null ? null : (seized.amountRaw * rateWad) / WAD
  return { marketName: market.name, repaid: null, seized: tokenAmount(assets, listed.token) }
}
