import type { ChainAddresses } from './addresses.ts'
import { type AnvilOptions, startAnvil } from './anvil.ts'
import { type ChainControl, createChainControl } from './chain-control.ts'
import { deployAave } from './deploy-aave.ts'
import { deployMulticall } from './deploy-multicall.ts'
import { createJsonRpc, type JsonRpc } from './json-rpc.ts'
import { deployMorpho } from './morpho/deploy.ts'
import { createMorphoOracles, type MorphoOracles } from './morpho/oracles.ts'
import { createMorphoPositions, type MorphoPositions } from './morpho/positions.ts'
import { createPreLiquidations, type PreLiquidations } from './morpho/pre-liquidations.ts'
import { createPositions, type Positions } from './positions.ts'
import { createPrices, type Prices } from './prices.ts'
import { createTransactions, type Transactions } from './transactions.ts'

export type LocalChainOptions = Pick<AnvilOptions, 'chainId' | 'port'>

/** A throw-away chain with real lending contracts on it, and the things that can happen to a loan there. */
export interface LocalChain
  extends Positions,
    Prices,
    MorphoPositions,
    MorphoOracles,
    PreLiquidations,
    ChainControl {
  url: string
  pid: number
  addresses: ChainAddresses
  /** For what no scenario covers. */
  rpc: JsonRpc
  /** For further contracts: another sender would not know whether blocks come by the clock, and stop them. */
  transactions: Pick<Transactions, 'send'>
  /** Ends the node. Safe to call twice. */
  stop: () => Promise<void>
}

const PAST_BLOCKS = 64

/** Starts a chain and deploys everything; nothing is left behind when that fails. */
export async function createLocalChain(options: LocalChainOptions = {}): Promise<LocalChain> {
  const anvil = await startAnvil(options)
  try {
    const rpc = createJsonRpc(anvil.url)
    const transactions = createTransactions(rpc)
    const [deployer, whale] = (await rpc.send('eth_accounts')) as [string, string]
    await rpc.send('anvil_autoImpersonateAccount', [true])
    const multicall3 = await deployMulticall(rpc)
    const aave = await deployAave({ rpc, transactions, deployer, whale })
    const tokens = aave.markets.main
    const morpho = await deployMorpho({ rpc, transactions, deployer, whale, tokens })
    const addresses = { multicall3, ...aave, morpho }
    const control = createChainControl({ rpc, transactions })
    // Readers look some blocks back, for instance to see how far an endpoint is behind.
    await control.mine(PAST_BLOCKS)
    return {
      url: anvil.url,
      pid: anvil.pid,
      addresses,
      rpc,
      transactions,
      ...createPositions({ rpc, transactions, addresses }),
      ...createPrices({ rpc, transactions, addresses, admin: deployer }),
      ...createMorphoPositions({ rpc, transactions, addresses }),
      ...createMorphoOracles({ rpc, transactions, addresses, admin: deployer }),
      ...createPreLiquidations({ transactions, addresses, admin: deployer }),
      ...control,
      stop: anvil.stop,
    }
  } catch (error) {
    await anvil.stop()
    throw error
  }
}
