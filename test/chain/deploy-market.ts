import { getCreateAddress, parseUnits, ZeroAddress } from 'ethers'
import type { MarketAddresses, ReserveAddresses } from './addresses.ts'
import { type Artifact, loadAaveArtifact } from './artifacts.ts'
import { readContract } from './contract-call.ts'
import type { DeploymentPlan } from './deployment-plan.ts'
import type { JsonRpc } from './json-rpc.ts'
import type { MarketPlan, ReservePlan } from './market-plan.ts'

export interface MarketParts {
  market: MarketPlan
  libraries: Record<string, string>
  /** By symbol; markets may share a token. */
  tokens: Record<string, string>
  aggregator: Artifact
}

/** A market as planned: everything but the tokens that Aave itself will create. */
export interface MarketDraft extends Omit<MarketAddresses, 'reserves'> {
  reserves: Record<string, Omit<ReserveAddresses, 'aToken' | 'variableDebtToken'>>
}

interface Core {
  provider: string
  pool: string
  configurator: string
}

const RESERVE_FACTOR_BPS = 1000

/** Plans one whole market. The order of the steps is Aave's own: each one reads what an earlier one set. */
export function deployMarket(plan: DeploymentPlan, parts: MarketParts): MarketDraft {
  const core = deployCore(plan, parts)
  const reserves = deployFeeds(plan, parts)
  const oracle = deployOracle(plan, { core, reserves })
  listReserves(plan, { core, parts, reserves })
  const dataProvider = plan.deploy({
    artifact: loadAaveArtifact('misc/AaveProtocolDataProvider'),
    args: [core.provider],
  })
  providerCall(plan, core)('setPoolDataProvider', dataProvider)
  return { provider: core.provider, pool: core.pool, oracle, dataProvider, reserves }
}

function providerCall(plan: DeploymentPlan, { provider }: { provider: string }) {
  const abi = loadAaveArtifact('protocol/configuration/PoolAddressesProvider').contractInterface
  return (method: string, address: string) => {
    plan.call({ to: provider, abi, method, args: [address] })
  }
}

function deployCore(plan: DeploymentPlan, { market, libraries }: MarketParts): Core {
  const provider = plan.deploy({
    artifact: loadAaveArtifact('protocol/configuration/PoolAddressesProvider'),
    args: [market.marketId, plan.deployer],
  })
  const set = providerCall(plan, { provider })
  set('setACLAdmin', plan.deployer)
  const aclArtifact = loadAaveArtifact('protocol/configuration/ACLManager')
  const aclManager = plan.deploy({ artifact: aclArtifact, args: [provider] })
  set('setACLManager', aclManager)
  for (const method of ['addPoolAdmin', 'addRiskAdmin', 'addAssetListingAdmin']) {
    plan.call({ to: aclManager, abi: aclArtifact.contractInterface, method, args: [plan.deployer] })
  }
  set(
    'setPoolImpl',
    plan.deploy({ artifact: loadAaveArtifact('protocol/pool/Pool'), args: [provider], libraries }),
  )
  const configurator = loadAaveArtifact('protocol/pool/PoolConfigurator')
  set('setPoolConfiguratorImpl', plan.deploy({ artifact: configurator, libraries }))
  // The provider creates the two proxies itself, as its first and second contract.
  return {
    provider,
    pool: getCreateAddress({ from: provider, nonce: 1 }),
    configurator: getCreateAddress({ from: provider, nonce: 2 }),
  }
}

function deployFeeds(
  plan: DeploymentPlan,
  { market, tokens, aggregator }: MarketParts,
): MarketDraft['reserves'] {
  const reserves: MarketDraft['reserves'] = {}
  for (const { symbol, decimals, usd } of market.reserves) {
    const token = tokens[symbol]
    if (token === undefined) throw new Error(`No token was deployed for ${symbol}`)
    const args = [`${symbol} / USD`, parseUnits(usd, 8)]
    reserves[symbol] = { token, decimals, aggregator: plan.deploy({ artifact: aggregator, args }) }
  }
  return reserves
}

function deployOracle(
  plan: DeploymentPlan,
  { core, reserves }: { core: Core; reserves: MarketDraft['reserves'] },
): string {
  const listed = Object.values(reserves)
  const tokens = listed.map(({ token }) => token)
  const feeds = listed.map(({ aggregator }) => aggregator)
  const oracle = plan.deploy({
    artifact: loadAaveArtifact('misc/AaveOracle'),
    args: [core.provider, tokens, feeds, ZeroAddress, ZeroAddress, 10n ** 8n],
  })
  providerCall(plan, core)('setPriceOracle', oracle)
  return oracle
}

interface Listing {
  core: Core
  parts: MarketParts
  reserves: MarketDraft['reserves']
}

function listReserves(plan: DeploymentPlan, { core, parts, reserves }: Listing): void {
  const implementations = {
    aTokenImpl: deployTokenization(plan, { name: 'AToken', core }),
    stableDebtTokenImpl: deployTokenization(plan, { name: 'StableDebtToken', core }),
    variableDebtTokenImpl: deployTokenization(plan, { name: 'VariableDebtToken', core }),
    interestRateStrategyAddress: deployRateStrategy(plan, core),
  }
  const abi = loadAaveArtifact('protocol/pool/PoolConfigurator').contractInterface
  const configure = (method: string, args: readonly unknown[]) => {
    plan.call({ to: core.configurator, abi, method, args })
  }
  for (const reserve of parts.market.reserves) {
    const token = reserves[reserve.symbol]?.token
    configure('initReserves', [
      [{ ...implementations, ...describeReserve(plan, reserve), underlyingAsset: token }],
    ])
    const { ltvBps, liquidationThresholdBps, liquidationBonusBps } = reserve
    configure('configureReserveAsCollateral', [token, ltvBps, liquidationThresholdBps, liquidationBonusBps])
    configure('setReserveBorrowing', [token, true])
    configure('setReserveFactor', [token, RESERVE_FACTOR_BPS])
  }
}

function deployTokenization(plan: DeploymentPlan, { name, core }: { name: string; core: Core }): string {
  return plan.deploy({ artifact: loadAaveArtifact(`protocol/tokenization/${name}`), args: [core.pool] })
}

function describeReserve(plan: DeploymentPlan, { symbol, decimals }: ReservePlan) {
  return {
    underlyingAssetDecimals: decimals,
    treasury: plan.deployer,
    incentivesController: ZeroAddress,
    aTokenName: `Local n${symbol}`,
    aTokenSymbol: `n${symbol}`,
    variableDebtTokenName: `Local variable debt ${symbol}`,
    variableDebtTokenSymbol: `variableDebt${symbol}`,
    stableDebtTokenName: `Local stable debt ${symbol}`,
    stableDebtTokenSymbol: `stableDebt${symbol}`,
    params: '0x10',
  }
}

function deployRateStrategy(plan: DeploymentPlan, core: Core): string {
  const percentRay = (percent: string) => parseUnits(percent, 25)
  return plan.deploy({
    artifact: loadAaveArtifact('protocol/pool/DefaultReserveInterestRateStrategy'),
    // Best utilisation, base rate, slope below and above it; then the stable rate that nobody uses.
    args: [core.provider, ...['80', '0', '4', '75', '0', '0', '0', '0', '20'].map(percentRay)],
  })
}

/** The market's addresses as the contracts themselves report them. */
export async function readMarketAddresses(rpc: JsonRpc, draft: MarketDraft): Promise<MarketAddresses> {
  const provider = loadAaveArtifact('protocol/configuration/PoolAddressesProvider').contractInterface
  const [pool] = await readContract(rpc, { to: draft.provider, abi: provider, method: 'getPool' })
  if (pool !== draft.pool)
    throw new Error(`The pool is at ${String(pool)}, not at the foreseen ${draft.pool}`)
  const abi = loadAaveArtifact('misc/AaveProtocolDataProvider').contractInterface
  const reserves: Record<string, ReserveAddresses> = {}
  for (const [symbol, reserve] of Object.entries(draft.reserves)) {
    const method = 'getReserveTokensAddresses'
    const tokens = await readContract(rpc, { to: draft.dataProvider, abi, method, args: [reserve.token] })
    reserves[symbol] = {
      ...reserve,
      aToken: String(tokens['aTokenAddress']),
      variableDebtToken: String(tokens['variableDebtTokenAddress']),
    }
  }
  return { ...draft, reserves }
}
