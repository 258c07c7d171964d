import { parseUnits } from 'ethers'
import type { ChainAddresses } from '../addresses.ts'
import { readBigint } from '../contract-call.ts'
import type { JsonRpc } from '../json-rpc.ts'
import type { Transactions } from '../transactions.ts'
import { TEST_ORACLE_ABI } from './abis.ts'
import { type MorphoMarketName, priceDecimalsOf } from './addresses.ts'

/** What happens to the oracle of one Morpho market. */
export interface MorphoOracles {
  /** The price that is set, failing or not; raw as in `setMorphoPriceRaw`. */
  morphoPriceRaw: (market: MorphoMarketName) => Promise<bigint>
  /** The price of one collateral token in loan tokens. */
  setMorphoPrice: (change: { market: MorphoMarketName; price: string }) => Promise<void>
  /** The price as the oracle tells it: smallest unit in smallest units, times 1e36. */
  setMorphoPriceRaw: (change: { market: MorphoMarketName; priceRaw: bigint }) => Promise<void>
  /** A failing oracle reverts when asked. */
  failMorphoOracle: (change: { market: MorphoMarketName; failing: boolean }) => Promise<void>
}

interface MorphoOraclesDeps {
  rpc: JsonRpc
  transactions: Transactions
  addresses: ChainAddresses
  admin: string
}

export function createMorphoOracles(deps: MorphoOraclesDeps): MorphoOracles {
  const { rpc, transactions, admin } = deps
  const { markets } = deps.addresses.morpho

  async function turn(
    market: MorphoMarketName,
    { method, value }: { method: string; value: bigint | boolean },
  ): Promise<void> {
    const data = TEST_ORACLE_ABI.encodeFunctionData(method, [value])
    await transactions.send([{ label: method, from: admin, to: markets[market].oracle, data }])
  }

  return {
    morphoPriceRaw: (market) =>
      readBigint(rpc, { to: markets[market].oracle, abi: TEST_ORACLE_ABI, method: 'settablePrice' }),
    setMorphoPrice: ({ market, price }) =>
      turn(market, { method: 'setPrice', value: parseUnits(price, priceDecimalsOf(markets[market])) }),
    setMorphoPriceRaw: ({ market, priceRaw }) => turn(market, { method: 'setPrice', value: priceRaw }),
    failMorphoOracle: ({ market, failing }) => turn(market, { method: 'setFailing', value: failing }),
  }
}
