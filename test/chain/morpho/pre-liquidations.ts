import { parseUnits } from 'ethers'
import type { ChainAddresses } from '../addresses.ts'
import type { Transactions } from '../transactions.ts'
import { PRE_LIQUIDATION_FACTORY_ABI } from './abis.ts'
import type { MorphoMarketName } from './addresses.ts'

/** Parts and factors as decimal text: '0.8' is 80 %. */
export interface NewPreLiquidation {
  market: MorphoMarketName
  /** From which loan to value on. */
  preLltv: string
  /** How much of the debt may be repaid at that value, and at the market's lltv. */
  preLCF1?: string
  preLCF2?: string
  /** What the liquidator gets for it, there and there. */
  preLIF1?: string
  preLIF2?: string
  /** Default the market's own. */
  oracle?: string
}

/** What the double was made with; numbers with 18 decimals. */
export interface PreLiquidation {
  address: string
  market: MorphoMarketName
  preLltv: bigint
  preLCF1: bigint
  preLCF2: bigint
  preLIF1: bigint
  preLIF2: bigint
  preLiquidationOracle: string
}

export interface PreLiquidations {
  /** Has the factory's double make a double of a pre-liquidation contract. It never liquidates anybody. */
  createPreLiquidation: (wanted: NewPreLiquidation) => Promise<PreLiquidation>
  /** All that were created, in order. */
  preLiquidations: () => readonly PreLiquidation[]
}

interface PreLiquidationsDeps {
  transactions: Transactions
  addresses: ChainAddresses
  admin: string
}

export function createPreLiquidations({
  transactions,
  addresses,
  admin,
}: PreLiquidationsDeps): PreLiquidations {
  const { markets, preLiquidationFactory } = addresses.morpho
  const created: PreLiquidation[] = []

  return {
    createPreLiquidation: async ({ market, ...wanted }) => {
      const params = {
        preLltv: parseUnits(wanted.preLltv, 18),
        preLCF1: parseUnits(wanted.preLCF1 ?? '0.05', 18),
        preLCF2: parseUnits(wanted.preLCF2 ?? '0.35', 18),
        preLIF1: parseUnits(wanted.preLIF1 ?? '1.01', 18),
        preLIF2: parseUnits(wanted.preLIF2 ?? '1.04', 18),
        preLiquidationOracle: wanted.oracle ?? markets[market].oracle,
      }
      const data = PRE_LIQUIDATION_FACTORY_ABI.encodeFunctionData('createPreLiquidation', [
        markets[market].id,
        params,
      ])
      const label = 'createPreLiquidation'
      const [receipt] = await transactions.send([{ label, from: admin, to: preLiquidationFactory, data }])
      const [log] = receipt?.logs ?? []
      const event = log === undefined ? null : PRE_LIQUIDATION_FACTORY_ABI.parseLog(log)
      if (event === null) throw new Error('The factory told of no pre-liquidation contract')
      const preLiquidation = { address: String(event.args['preLiquidation']), market, ...params }
      created.push(preLiquidation)
      return preLiquidation
    },
    preLiquidations: () => [...created],
  }
}
