import { type Interface, parseUnits } from 'ethers'
import { TOKEN_ABI } from '../abis.ts'
import { giveGas } from '../accounts.ts'
import { reserveOf } from '../addresses.ts'
import { createDeploymentPlan, type DeploymentPlan } from '../deployment-plan.ts'
import type { LocalChain } from '../local-chain.ts'
import type { Transaction } from '../transactions.ts'
import { type CurvanceArtifacts, loadCurvanceArtifacts } from './compile.ts'
import { CURVANCE_MARKET_PLANS, CURVANCE_PRICES, type CurvanceMarketName } from './market-plan.ts'

export interface CurvanceTokenAddresses {
  cToken: string
  token: string
  decimals: number
}

export interface CurvanceMarketAddresses {
  manager: string
  /** By symbol of the underlying. */
  tokens: Record<string, CurvanceTokenAddresses>
}

interface CurvanceAddresses {
  registry: string
  oracleManager: string
  reader: string
  /** Both its lists of structs grew by a field. */
  grownReader: string
  /** Only its summaries did; its static data is an empty list. */
  halfGrownReader: string
  markets: Record<CurvanceMarketName, CurvanceMarketAddresses>
}

export interface Where {
  market: CurvanceMarketName
  symbol: string
}

export interface Feed {
  symbol: string
  /** Dollars; the upper price is the lower one when left out. */
  lower: string | bigint
  upper?: string | bigint
  errorCode?: number
  failing?: boolean
}

export interface Entry {
  owner: string
  shares: bigint
  debt: bigint
}

/** Doubles of Curvance on the local chain and what can happen there; a scenario is mined when its promise resolves. */
export interface CurvanceDoubles {
  addresses: CurvanceAddresses
  setFeed: (feed: Feed) => Promise<void>
  setExchangeRate: (change: Where & { rateWad: bigint }) => Promise<void>
  setRates: (change: Where & { borrowWad: bigint; supplyWad: bigint }) => Promise<void>
  /** All that is supplied and what of it is lent out, in units of the underlying. */
  setTotals: (change: Where & { suppliedRaw: bigint; lentRaw: bigint }) => Promise<void>
  /** Shares that an account holds without having posted them. */
  setLent: (change: Where & { owner: string; shares: bigint }) => Promise<void>
  /** Sets shares and debt of accounts, with no tokens, checks or hold. */
  put: (change: Where & { entries: readonly Entry[] }) => Promise<void>
  /** With freshly minted tokens. Starts the hold. */
  deposit: (change: Where & { owner: string; amount: bigint }) => Promise<void>
  borrow: (change: Where & { owner: string; amount: bigint }) => Promise<void>
  /** Fails during the hold. */
  repay: (change: Where & { owner: string; amount: bigint }) => Promise<void>
  removeCollateral: (change: Where & { owner: string; shares: bigint }) => Promise<void>
  /** What a liquidation takes. */
  seize: (change: Where & { owner: string; shares: bigint }) => Promise<void>
  configure: (change: Where & { soft: bigint; hard: bigint }) => Promise<void>
  pauseAdding: (change: Where & { on: boolean }) => Promise<void>
  /** In shares; nobody can post more than this together. */
  setCollateralCap: (change: Where & { shares: bigint }) => Promise<void>
  /** The market is listed by the registry, or not any more as if it had not been made yet. */
  list: (change: { market: CurvanceMarketName; on: boolean }) => Promise<void>
  /** Another market, listed by the registry, that does not answer. */
  addBrokenMarket: () => Promise<void>
}

const HIGH_GAS = 12_000_000n
const ENTRIES_PER_TRANSACTION = 60

export async function createCurvanceDoubles(chain: LocalChain): Promise<CurvanceDoubles> {
  const { transactions } = chain
  const artifacts = await loadCurvanceArtifacts()
  const [admin = ''] = (await chain.rpc.send('eth_accounts')) as string[]
  const nonce = Number(await chain.rpc.send('eth_getTransactionCount', [admin, 'latest']))
  const plan = createDeploymentPlan(admin, nonce)
  const addresses = planDeployment(plan, { chain, artifacts })
  await transactions.send(plan.transactions)
  const cTokenAbi = artifacts.CTokenDouble.contractInterface
  const managerAbi = artifacts.MarketManagerDouble.contractInterface

  const tokenOf = ({ market, symbol }: Where): CurvanceTokenAddresses => {
    const token = addresses.markets[market].tokens[symbol]
    if (!token) throw new Error(`${symbol} is not in ${market}`)
    return token
  }
  const call = (
    to: string,
    { abi, method, args, from = admin }: { abi: Interface; method: string; args: unknown[]; from?: string },
  ): Transaction => ({ label: method, from, to, data: abi.encodeFunctionData(method, args), gas: HIGH_GAS })
  const toCToken = (where: Where, rest: { method: string; args: unknown[]; from?: string }): Transaction =>
    call(tokenOf(where).cToken, { abi: cTokenAbi, ...rest })
  const toManager = ({ market }: Where, rest: { method: string; args: unknown[] }): Transaction =>
    call(addresses.markets[market].manager, { abi: managerAbi, ...rest })
  const funded = (where: Where, { owner, amount }: { owner: string; amount: bigint }): Transaction[] => {
    const { token, cToken } = tokenOf(where)
    return [
      call(token, { abi: TOKEN_ABI, method: 'mint', args: [owner, amount], from: owner }),
      call(token, { abi: TOKEN_ABI, method: 'approve', args: [cToken, amount], from: owner }),
    ]
  }
  async function send(...list: Transaction[]): Promise<void> {
    await giveGas(chain.rpc, [...new Set(list.map(({ from }) => from))])
    await transactions.send(list)
  }
  const feedCall = ({ symbol, lower, upper = lower, errorCode = 0, failing = false }: Feed): Transaction =>
    call(addresses.oracleManager, {
      abi: artifacts.OracleManagerDouble.contractInterface,
      method: 'setFeed',
      args: [
        reserveOf(chain.addresses.markets.main, symbol).token,
        [toWad(lower), toWad(upper), errorCode, failing],
      ],
    })
  await send(...Object.entries(CURVANCE_PRICES).map(([symbol, lower]) => feedCall({ symbol, lower })))

  return {
    addresses,
    setFeed: (feed) => send(feedCall(feed)),
    setExchangeRate: ({ rateWad, ...where }) =>
      send(toCToken(where, { method: 'setExchangeRate', args: [rateWad] })),
    setRates: ({ borrowWad, supplyWad, ...where }) =>
      send(toCToken(where, { method: 'setRates', args: [borrowWad, supplyWad] })),
    setTotals: ({ suppliedRaw, lentRaw, ...where }) =>
      send(toCToken(where, { method: 'setTotals', args: [suppliedRaw, lentRaw] })),
    setLent: ({ owner, shares, ...where }) =>
      send(toCToken(where, { method: 'setLent', args: [owner, shares] })),
    async put({ entries, ...where }) {
      const parts: Transaction[] = []
      for (let start = 0; start < entries.length; start += ENTRIES_PER_TRANSACTION) {
        const part = entries.slice(start, start + ENTRIES_PER_TRANSACTION)
        const args = [
          part.map((one) => one.owner),
          part.map((one) => one.shares),
          part.map((one) => one.debt),
        ]
        parts.push(toCToken(where, { method: 'put', args }))
      }
      await send(...parts)
    },
    deposit: ({ owner, amount, ...where }) =>
      send(
        ...funded(where, { owner, amount }),
        toCToken(where, { method: 'depositAsCollateral', args: [amount, owner], from: owner }),
      ),
    borrow: ({ owner, amount, ...where }) =>
      send(toCToken(where, { method: 'borrow', args: [amount, owner], from: owner })),
    repay: ({ owner, amount, ...where }) =>
      send(
        ...funded(where, { owner, amount }),
        toCToken(where, { method: 'repay', args: [amount], from: owner }),
      ),
    removeCollateral: ({ owner, shares, ...where }) =>
      send(toCToken(where, { method: 'removeCollateral', args: [shares], from: owner })),
    seize: ({ owner, shares, ...where }) => send(toCToken(where, { method: 'seize', args: [shares, owner] })),
    configure: ({ soft, hard, ...where }) =>
      send(toManager(where, { method: 'configure', args: [tokenOf(where).cToken, [7_000n, soft, hard]] })),
    pauseAdding: ({ on, ...where }) =>
      send(toManager(where, { method: 'pause', args: [tokenOf(where).cToken, on, false] })),
    setCollateralCap: ({ shares, ...where }) =>
      send(toManager(where, { method: 'setCollateralCap', args: [tokenOf(where).cToken, shares] })),
    list: ({ market, on }) =>
      send(
        call(addresses.registry, {
          abi: artifacts.CentralRegistryDouble.contractInterface,
          method: on ? 'addMarketManager' : 'removeMarketManager',
          args: [addresses.markets[market].manager],
        }),
      ),
    addBrokenMarket: () =>
      send(
        call(addresses.registry, {
          abi: artifacts.CentralRegistryDouble.contractInterface,
          method: 'addMarketManager',
          args: [addresses.oracleManager],
        }),
      ),
  }
}

function planDeployment(
  plan: DeploymentPlan,
  { chain, artifacts }: { chain: LocalChain; artifacts: CurvanceArtifacts },
): CurvanceAddresses {
  const registry = plan.deploy({ artifact: artifacts.CentralRegistryDouble })
  const oracleManager = plan.deploy({ artifact: artifacts.OracleManagerDouble })
  const abi = artifacts.CentralRegistryDouble.contractInterface
  plan.call({ to: registry, abi, method: 'setOracleManager', args: [oracleManager] })
  const grown = artifacts.GrownProtocolReaderDouble
  const reader = plan.deploy({ artifact: artifacts.ProtocolReaderDouble, args: [registry] })
  const grownReader = plan.deploy({ artifact: grown, args: [registry, true] })
  const halfGrownReader = plan.deploy({ artifact: grown, args: [registry, false] })
  const names = Object.keys(CURVANCE_MARKET_PLANS) as CurvanceMarketName[]
  const markets = Object.fromEntries(
    names.map((name) => {
      const market = planMarket(plan, { chain, artifacts, name })
      plan.call({ to: registry, abi, method: 'addMarketManager', args: [market.manager] })
      return [name, market]
    }),
  ) as Record<CurvanceMarketName, CurvanceMarketAddresses>
  return { registry, oracleManager, reader, grownReader, halfGrownReader, markets }
}

function planMarket(
  plan: DeploymentPlan,
  parts: { chain: LocalChain; artifacts: CurvanceArtifacts; name: CurvanceMarketName },
): CurvanceMarketAddresses {
  const { chain, artifacts, name } = parts
  const { bufferBps, tokens } = CURVANCE_MARKET_PLANS[name]
  const abi = artifacts.MarketManagerDouble.contractInterface
  const manager = plan.deploy({ artifact: artifacts.MarketManagerDouble, args: [bufferBps] })
  const listed = tokens.map(({ symbol, borrowable, soft, hard, liquidity }) => {
    const { token, decimals } = reserveOf(chain.addresses.markets.main, symbol)
    const args = [manager, token, decimals, borrowable]
    const cToken = plan.deploy({ artifact: artifacts.CTokenDouble, args })
    plan.call({ to: manager, abi, method: 'list', args: [cToken] })
    plan.call({ to: manager, abi, method: 'configure', args: [cToken, [7_000n, soft, hard]] })
    plan.call({ to: token, abi: TOKEN_ABI, method: 'mint', args: [cToken, parseUnits(liquidity, decimals)] })
    return [symbol, { cToken, token, decimals }] as const
  })
  return { manager, tokens: Object.fromEntries(listed) }
}

function toWad(dollars: string | bigint): bigint {
  return typeof dollars === 'bigint' ? dollars : parseUnits(dollars, 18)
}
