import { AbiCoder, keccak256, parseUnits, ZeroAddress } from 'ethers'
import { TOKEN_ABI } from '../abis.ts'
import { type MarketAddresses, reserveOf } from '../addresses.ts'
import type { Artifact } from '../artifacts.ts'
import { createDeploymentPlan, type DeploymentPlan } from '../deployment-plan.ts'
import type { JsonRpc } from '../json-rpc.ts'
import { loadOwnArtifact } from '../solidity.ts'
import type { Transaction, Transactions } from '../transactions.ts'
import { MORPHO_ABI } from './abis.ts'
import {
  type MorphoAddresses,
  type MorphoIdleMarket,
  type MorphoMarketAddresses,
  type MorphoMarketName,
  marketParamsOf,
  priceDecimalsOf,
} from './addresses.ts'
import { loadMorphoArtifacts } from './compile.ts'
import { IDLE_MARKET_LOAN, MORPHO_MARKET_PLANS } from './market-plan.ts'

export interface MorphoDeployment {
  rpc: JsonRpc
  transactions: Transactions
  /** Owns everything and gets the fees; the node must sign for it. */
  deployer: string
  /** Lends the liquidity; the node must sign for it. */
  whale: string
  /** Whose tokens the markets are made of. */
  tokens: MarketAddresses
}

interface Parts {
  morpho: string
  abi: Artifact['contractInterface']
  irm: string
  oracle: Artifact
  tokens: MarketAddresses
}

/** Deploys Morpho with its markets, fills them with liquidity, and adds the double of the pre-liquidation factory. */
export async function deployMorpho(deployment: MorphoDeployment): Promise<MorphoAddresses> {
  const { rpc, transactions, deployer, whale, tokens } = deployment
  const artifacts = await loadMorphoArtifacts()
  const oracle = await loadOwnArtifact({ file: 'settable-test-oracle.sol', contract: 'SettableTestOracle' })
  const factory = await loadOwnArtifact({
    file: 'pre-liquidation-doubles.sol',
    contract: 'PreLiquidationFactoryDouble',
  })
  const nonce = Number(await rpc.send('eth_getTransactionCount', [deployer, 'latest']))
  const plan = createDeploymentPlan(deployer, nonce)
  const address = plan.deploy({ artifact: artifacts.morpho, args: [deployer] })
  const irm = plan.deploy({ artifact: artifacts.irm })
  const preLiquidationFactory = plan.deploy({ artifact: factory, args: [address] })
  const abi = artifacts.morpho.contractInterface
  const parts: Parts = { morpho: address, abi, irm, oracle, tokens }
  enable(plan, parts)
  const names = Object.keys(MORPHO_MARKET_PLANS) as MorphoMarketName[]
  const markets = Object.fromEntries(
    names.map((name) => [name, createMarket(plan, { ...parts, name })]),
  ) as Record<MorphoMarketName, MorphoMarketAddresses>
  const idleMarket = createIdleMarket(plan, parts)
  await transactions.send(plan.transactions)
  await transactions.send(
    names.flatMap((name) => whaleLends(deployment, { morpho: address, market: markets[name], name })),
  )
  return { address, irm, preLiquidationFactory, markets, idleMarket, lender: whale }
}

function enable(plan: DeploymentPlan, { morpho: to, abi, irm }: Parts): void {
  const lltvs = Object.values(MORPHO_MARKET_PLANS).map(({ lltv }) => parseUnits(lltv, 18))
  // Interest model and lltv of the idle market are zero.
  for (const model of [irm, ZeroAddress]) plan.call({ to, abi, method: 'enableIrm', args: [model] })
  for (const lltv of new Set([...lltvs, 0n])) plan.call({ to, abi, method: 'enableLltv', args: [lltv] })
  plan.call({ to, abi, method: 'setFeeRecipient', args: [plan.deployer] })
}

function createMarket(
  plan: DeploymentPlan,
  { morpho: to, abi, irm, oracle, tokens, name }: Parts & { name: MorphoMarketName },
): MorphoMarketAddresses {
  const { collateral, loan, lltv, price, interest, fee } = MORPHO_MARKET_PLANS[name]
  const loanReserve = reserveOf(tokens, loan)
  const collateralReserve = reserveOf(tokens, collateral)
  const decimals = { loanDecimals: loanReserve.decimals, collateralDecimals: collateralReserve.decimals }
  const market = {
    loanToken: loanReserve.token,
    collateralToken: collateralReserve.token,
    oracle: plan.deploy({ artifact: oracle, args: [parseUnits(price, priceDecimalsOf(decimals))] }),
    irm: interest ? irm : ZeroAddress,
    lltv: parseUnits(lltv, 18),
    ...decimals,
    loanSymbol: loan,
    collateralSymbol: collateral,
  }
  const params = marketParamsOf(market)
  plan.call({ to, abi, method: 'createMarket', args: [params] })
  if (fee !== undefined) plan.call({ to, abi, method: 'setFee', args: [params, parseUnits(fee, 18)] })
  return { id: marketIdOf(params), ...market }
}

function createIdleMarket(plan: DeploymentPlan, { morpho: to, abi, tokens }: Parts): MorphoIdleMarket {
  const { token, decimals } = reserveOf(tokens, IDLE_MARKET_LOAN)
  const params = [token, ZeroAddress, ZeroAddress, ZeroAddress, 0n]
  plan.call({ to, abi, method: 'createMarket', args: [params] })
  return { id: marketIdOf(params), loanToken: token, loanDecimals: decimals, loanSymbol: IDLE_MARKET_LOAN }
}

function marketIdOf(params: readonly unknown[]): string {
  const types = ['address', 'address', 'address', 'address', 'uint256']
  return keccak256(AbiCoder.defaultAbiCoder().encode(types, params))
}

function whaleLends(
  { whale }: MorphoDeployment,
  { morpho, market, name }: { morpho: string; market: MorphoMarketAddresses; name: MorphoMarketName },
): Transaction[] {
  const amount = parseUnits(MORPHO_MARKET_PLANS[name].liquidity, market.loanDecimals)
  const supply = [marketParamsOf(market), amount, 0n, whale, '0x']
  const label = `whale lends ${market.loanSymbol} in ${name}`
  const to = market.loanToken
  return [
    { label, from: whale, to, data: TOKEN_ABI.encodeFunctionData('mint', [whale, amount]) },
    { label, from: whale, to, data: TOKEN_ABI.encodeFunctionData('approve', [morpho, amount]) },
    { label, from: whale, to: morpho, data: MORPHO_ABI.encodeFunctionData('supply', supply) },
  ]
}
