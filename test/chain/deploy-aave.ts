import { parseUnits } from 'ethers'
import { POOL_ABI, TOKEN_ABI } from './abis.ts'
import { MARKET_NAMES, type MarketAddresses, type MarketName, reserveOf } from './addresses.ts'
import { loadAaveArtifact } from './artifacts.ts'
import { deployMarket, type MarketDraft, readMarketAddresses } from './deploy-market.ts'
import { createDeploymentPlan, type DeploymentPlan } from './deployment-plan.ts'
import type { JsonRpc } from './json-rpc.ts'
import { MARKET_PLANS } from './market-plan.ts'
import { loadOwnArtifact } from './solidity.ts'
import type { Transaction, Transactions } from './transactions.ts'

export interface AaveAddresses {
  registry: string
  markets: Record<MarketName, MarketAddresses>
}

export interface AaveDeployment {
  rpc: JsonRpc
  transactions: Transactions
  /** Owns everything; the node must sign for it. */
  deployer: string
  /** Lends the liquidity; the node must sign for it. */
  whale: string
}

/** Deploys Aave V3 as two markets with one registry, and fills both with liquidity. */
export async function deployAave(deployment: AaveDeployment): Promise<AaveAddresses> {
  const { rpc, transactions, deployer } = deployment
  const aggregator = await loadOwnArtifact({
    file: 'settable-price-aggregator.sol',
    contract: 'SettablePriceAggregator',
  })
  const nonce = Number(await rpc.send('eth_getTransactionCount', [deployer, 'latest']))
  const plan = createDeploymentPlan(deployer, nonce)
  const shared = { libraries: deployLibraries(plan), tokens: deployTokens(plan), aggregator }
  const drafts = {
    main: deployMarket(plan, { ...shared, market: MARKET_PLANS.main }),
    isolated: deployMarket(plan, { ...shared, market: MARKET_PLANS.isolated }),
  }
  const registry = deployRegistry(plan, drafts)
  await transactions.send(plan.transactions)
  const [main, isolated] = await Promise.all([
    readMarketAddresses(rpc, drafts.main),
    readMarketAddresses(rpc, drafts.isolated),
  ])
  const markets = { main, isolated }
  await transactions.send(MARKET_NAMES.flatMap((name) => whaleSupplies(deployment, { name, markets })))
  return { registry, markets }
}

function deployLibraries(plan: DeploymentPlan): Record<string, string> {
  const independent = [
    'SupplyLogic',
    'BorrowLogic',
    'LiquidationLogic',
    'EModeLogic',
    'BridgeLogic',
    'PoolLogic',
  ]
  const libraries: Record<string, string> = {}
  // The last one is linked with one of the others.
  for (const name of [...independent, 'ConfiguratorLogic', 'FlashLoanLogic']) {
    const artifact = loadAaveArtifact(`protocol/libraries/logic/${name}`)
    libraries[name] = plan.deploy({ artifact, libraries })
  }
  return libraries
}

function deployTokens(plan: DeploymentPlan): Record<string, string> {
  const artifact = loadAaveArtifact('mocks/tokens/MintableERC20')
  const tokens: Record<string, string> = {}
  for (const { symbol, decimals } of Object.values(MARKET_PLANS).flatMap((market) => market.reserves)) {
    tokens[symbol] ??= plan.deploy({ artifact, args: [symbol, symbol, decimals] })
  }
  return tokens
}

function deployRegistry(plan: DeploymentPlan, drafts: Record<MarketName, MarketDraft>): string {
  const artifact = loadAaveArtifact('protocol/configuration/PoolAddressesProviderRegistry')
  const registry = plan.deploy({ artifact, args: [plan.deployer] })
  for (const name of MARKET_NAMES) {
    plan.call({
      to: registry,
      abi: artifact.contractInterface,
      method: 'registerAddressesProvider',
      args: [drafts[name].provider, MARKET_PLANS[name].registryId],
    })
  }
  return registry
}

function whaleSupplies(
  { whale }: AaveDeployment,
  { name, markets }: { name: MarketName; markets: Record<MarketName, MarketAddresses> },
): Transaction[] {
  const market = markets[name]
  return MARKET_PLANS[name].reserves.flatMap(({ symbol, decimals, liquidity }) => {
    const { token } = reserveOf(market, symbol)
    const amount = parseUnits(liquidity, decimals)
    const label = `whale supplies ${symbol}`
    return [
      { label, from: whale, to: token, data: TOKEN_ABI.encodeFunctionData('mint', [whale, amount]) },
      { label, from: whale, to: token, data: TOKEN_ABI.encodeFunctionData('approve', [market.pool, amount]) },
      {
        label,
        from: whale,
        to: market.pool,
        data: POOL_ABI.encodeFunctionData('supply', [token, amount, whale, 0]),
      },
    ]
  })
}
