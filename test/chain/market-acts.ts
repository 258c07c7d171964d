import { Interface } from 'ethers'
import { POOL_ABI, VARIABLE_RATE_MODE } from './abis.ts'
import { type MarketName, reserveOf } from './addresses.ts'
import { readContract } from './contract-call.ts'
import type { LocalChain } from './local-chain.ts'
import { fund } from './position-transactions.ts'
import type { Receipt, Transaction } from './transactions.ts'

const PROVIDER = new Interface(['function getPoolConfigurator() view returns (address)'])
const CONFIGURATOR = new Interface([
  'function setEModeCategory(uint8 categoryId, uint16 ltv, uint16 liquidationThreshold, uint16 liquidationBonus, address oracle, string label)',
  'function setAssetEModeCategory(address asset, uint8 newCategoryId)',
  'function setSupplyCap(address asset, uint256 newSupplyCap)',
  'function setReserveFreeze(address asset, bool freeze)',
  'function setReservePause(address asset, bool paused)',
  'function configureReserveAsCollateral(address asset, uint256 ltv, uint256 liquidationThreshold, uint256 liquidationBonus)',
])
const ORACLE = new Interface(['function setAssetSources(address[] assets, address[] sources)'])
const POOL = new Interface([
  'function setUserEMode(uint8 categoryId)',
  'function setUserUseReserveAsCollateral(address asset, bool useAsCollateral)',
])
const A_TOKEN = new Interface(['function transfer(address to, uint256 amount) returns (bool)'])

export interface EModeCategory {
  id: number
  label: string
  ltvBps: number
  liquidationThresholdBps: number
  assets: readonly string[]
  /** Its price counts for every asset of the category; the asset itself must have one in the oracle. */
  priceSource?: string
}

interface OnBehalf {
  asset: string
  amountRaw: bigint
  owner: string
}

/** What an administrator and the owners can do beyond the usual scenarios, all of it in one market. */
export interface MarketActs {
  setEMode: (category: EModeCategory) => Promise<void>
  /** Every owner enters the category; 0 leaves it. */
  enterEMode: (owners: readonly string[], id: number) => Promise<void>
  /** Gives any address the price of a feed of this market's oracle. */
  setSource: (asset: string, feed: string) => Promise<Receipt>
  setThreshold: (asset: string, bps: number) => Promise<Receipt>
  /** In whole tokens; 0 takes the cap away. */
  setSupplyCap: (asset: string, tokens: number) => Promise<Receipt>
  setFrozen: (asset: string, frozen: boolean) => Promise<Receipt>
  setPaused: (asset: string, paused: boolean) => Promise<Receipt>
  useAsCollateral: (owner: string, change: { asset: string; use: boolean }) => Promise<Receipt>
  /** Hands a deposit to somebody else. */
  transferSupply: (
    owner: string,
    change: { asset: string; to: string; amountRaw: bigint },
  ) => Promise<Receipt>
  /** The owner's deposit goes out to somebody else. */
  withdrawTo: (owner: string, change: { asset: string; to: string; amountRaw: bigint }) => Promise<Receipt>
  /** The payer supplies for somebody else. */
  supplyFor: (payer: string, change: OnBehalf) => Promise<void>
  /** The payer repays the debt of somebody else. */
  repayFor: (payer: string, change: OnBehalf) => Promise<void>
}

export async function createMarketActs(chain: LocalChain, name: MarketName = 'main'): Promise<MarketActs> {
  const market = chain.addresses.markets[name]
  const { transactions } = chain
  const [admin = ''] = (await chain.rpc.send('eth_accounts')) as string[]
  const provider = { to: market.provider, abi: PROVIDER, method: 'getPoolConfigurator' }
  const [configurator] = (await readContract(chain.rpc, provider)) as unknown as [string]
  const tokenOf = (asset: string) => reserveOf(market, asset).token

  function configure(label: string, args: readonly unknown[]): Transaction {
    return {
      label,
      from: admin,
      to: configurator,
      data: CONFIGURATOR.encodeFunctionData(label, [...args]),
    }
  }

  async function send(transaction: Transaction): Promise<Receipt> {
    await chain.rpc.send('anvil_setBalance', [transaction.from, '0x56bc75e2d63100000'])
    const [receipt] = await transactions.send([transaction])
    if (!receipt) throw new Error('nothing was mined')
    return receipt
  }

  async function pay(payer: string, call: { asset: string; amountRaw: bigint; data: string }): Promise<void> {
    await chain.rpc.send('anvil_setBalance', [payer, '0x56bc75e2d63100000'])
    await transactions.send([
      ...fund({ market, owner: payer }, { asset: call.asset, amount: call.amountRaw }),
      { label: 'on behalf', from: payer, to: market.pool, data: call.data },
    ])
  }

  return {
    withdrawTo: (owner, { asset, to, amountRaw }) =>
      send({
        label: 'withdraw',
        from: owner,
        to: market.pool,
        data: POOL_ABI.encodeFunctionData('withdraw', [tokenOf(asset), amountRaw, to]),
      }),
    supplyFor: (payer, { asset, amountRaw, owner }) => {
      const data = POOL_ABI.encodeFunctionData('supply', [tokenOf(asset), amountRaw, owner, 0])
      return pay(payer, { asset, amountRaw, data })
    },
    repayFor: (payer, { asset, amountRaw, owner }) => {
      const args = [tokenOf(asset), amountRaw, VARIABLE_RATE_MODE, owner]
      return pay(payer, { asset, amountRaw, data: POOL_ABI.encodeFunctionData('repay', args) })
    },
    setEMode: async ({ id, label, ltvBps, liquidationThresholdBps, assets, priceSource }) => {
      const source = priceSource ?? '0x0000000000000000000000000000000000000000'
      await transactions.send([
        configure('setEModeCategory', [id, ltvBps, liquidationThresholdBps, 10_100, source, label]),
        ...assets.map((asset) => configure('setAssetEModeCategory', [tokenOf(asset), id])),
      ])
    },
    enterEMode: async (owners, id) => {
      const data = POOL.encodeFunctionData('setUserEMode', [id])
      for (const owner of owners) await chain.rpc.send('anvil_setBalance', [owner, '0x56bc75e2d63100000'])
      await transactions.send(
        owners.map((owner) => ({ label: 'setUserEMode', from: owner, to: market.pool, data })),
      )
    },
    setSource: (asset, feed) =>
      send({
        label: 'setAssetSources',
        from: admin,
        to: market.oracle,
        data: ORACLE.encodeFunctionData('setAssetSources', [[asset], [feed]]),
      }),
    setThreshold: (asset, bps) =>
      send(configure('configureReserveAsCollateral', [tokenOf(asset), bps - 500, bps, 10_500])),
    setSupplyCap: (asset, tokens) => send(configure('setSupplyCap', [tokenOf(asset), tokens])),
    setFrozen: (asset, frozen) => send(configure('setReserveFreeze', [tokenOf(asset), frozen])),
    setPaused: (asset, paused) => send(configure('setReservePause', [tokenOf(asset), paused])),
    useAsCollateral: (owner, { asset, use }) =>
      send({
        label: 'setUserUseReserveAsCollateral',
        from: owner,
        to: market.pool,
        data: POOL.encodeFunctionData('setUserUseReserveAsCollateral', [tokenOf(asset), use]),
      }),
    transferSupply: (owner, { asset, to, amountRaw }) =>
      send({
        label: 'transfer',
        from: owner,
        to: reserveOf(market, asset).aToken,
        data: A_TOKEN.encodeFunctionData('transfer', [to, amountRaw]),
      }),
  }
}
