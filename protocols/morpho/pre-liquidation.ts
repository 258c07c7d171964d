import { wordsOf } from '../../src/chain/answers.ts'
import type { ChainReader } from '../../src/chain/chain-reader.ts'
import type { Address } from '../../src/domain/address.ts'
import { WAD } from '../../src/domain/units.ts'
import { morphoAbi, preLiquidationAbi, preLiquidationFactoryAbi } from './abi.ts'
import type { Market } from './markets.ts'

export interface PreLiquidationContext {
  readonly morpho: Address
  readonly preLiquidationFactory: Address
  readonly preLiquidations: (marketId: string) => readonly Address[]
  readonly at: ChainReader
}

const MAX_CONTRACTS = 50

/**
 * Whether the owner let a pre-liquidation contract sell collateral before the market's own line. Contracts are known from
 * events and from the API; that each is one, for which market and with which line, is read from the chain.
 */
export async function preLiquidationNotes(
  { owner, market }: { owner: Address; market: Market },
  { morpho, preLiquidationFactory, preLiquidations, at }: PreLiquidationContext,
): Promise<string[]> {
  const contracts = preLiquidations(market.id).slice(0, MAX_CONTRACTS)
  if (contracts.length === 0) return []
  const results = await at.call(
    contracts.flatMap((contract) => [
      { to: morpho, data: morphoAbi.encodeFunctionData('isAuthorized', [owner, contract]) },
      {
        to: preLiquidationFactory,
        data: preLiquidationFactoryAbi.encodeFunctionData('isPreLiquidation', [contract]),
      },
      { to: contract, data: preLiquidationAbi.encodeFunctionData('ID') },
      { to: contract, data: preLiquidationAbi.encodeFunctionData('preLiquidationParams') },
    ]),
  )
  const lines = contracts.flatMap((_, index) => {
    const [authorized, genuine, id] = [0, 1, 2].map((offset) => wordsOf(results[index * 4 + offset], 1)?.[0])
    const preLltvWad = wordsOf(results[index * 4 + 3], 6)?.[0]
    const applies = authorized === 1n && genuine === 1n && id === BigInt(market.id)
    return applies && preLltvWad !== undefined && preLltvWad > 0n
      ? [(market.params.lltvWad * WAD) / preLltvWad]
      : []
  })
  const earliest = lines.reduce((highest, line) => (line > highest ? line : highest), 0n)
  return earliest === 0n
    ? []
    : [
        `This wallet authorised pre-liquidation: part of the collateral can be sold from health ${hundredths(earliest)} on, before 1.0.`,
      ]
}

/** Rounded up: it may begin no later than what is said. */
function hundredths(wad: bigint): string {
  const value = (wad * 100n + WAD - 1n) / WAD
  return `${value / 100n}.${(value % 100n).toString().padStart(2, '0')}`
}
