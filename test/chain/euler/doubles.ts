import { parseUnits } from 'ethers'
import { newOwner } from '../accounts.ts'
import { reserveOf } from '../addresses.ts'
import type { LocalChain } from '../local-chain.ts'
import { type DoubleName, loadEulerDoubles } from './compile.ts'

/** The unit of account that means US dollars, with 18 decimals. */
const USD = '0x0000000000000000000000000000000000000348'

export interface VaultAddresses {
  vault: string
  asset: string
  decimals: number
  oracle: string
}

export interface NewVault {
  symbol: string
  /** Symbol of a token of the local chain. */
  asset: string
  /** Default dollars. */
  unitOfAccount?: string
  oracle?: string
  /** Where to put it; default the next free address. */
  address?: string
  /** Made by somebody else than the factory. */
  foreign?: boolean
}

export interface NewLoan {
  /** Default a fresh address. */
  owner?: string
  /** Default 0. */
  accountId?: number
  controller: VaultAddresses
  /** In whole tokens, or raw. */
  collateral: readonly { vault: VaultAddresses; amount: string | bigint }[]
  debt: string | bigint
}

/** A write to a double: any method of it. */
export interface Write {
  to: string
  double: DoubleName
  call: readonly [string, ...unknown[]]
}

/** Doubles of Euler's contracts on a local chain, and what can happen to a loan there. Every function mines what it sends. */
export interface EulerDoubles {
  evc: string
  factory: string
  /** Vouches for the vaults below. */
  perspective: string
  pyth: string
  /** Prices in dollars; one for all vaults unless said otherwise. */
  oracle: string
  /** WMON $4, USDC $1 and WBTC $60000, each with a liquidation LTV of 85 % in the others. */
  vaults: Record<'eWMON-1' | 'eUSDC-1' | 'eWBTC-1', VaultAddresses>
  createVault: (vault: NewVault) => Promise<VaultAddresses>
  /** A further oracle, adapter or Pyth stand-in. */
  createDouble: (double: DoubleName) => Promise<string>
  write: (writes: readonly Write[]) => Promise<void>
  /** Worth of one whole token, and of the same amount of shares of the vault. */
  setPrice: (change: { vault: VaultAddresses; price: string }) => Promise<void>
  failOracle: (failure: 'no' | 'silently' | { data: string }) => Promise<void>
  setLtv: (change: {
    controller: VaultAddresses
    collateral: VaultAddresses
    liquidationBps: number
    rampSeconds?: number
  }) => Promise<void>
  /** Resolves to the owner. */
  openLoan: (loan: NewLoan) => Promise<string>
  setController: (change: {
    owner: string
    accountId: number
    vault: VaultAddresses
    on: boolean
  }) => Promise<void>
}

/** Account `id` of an owner: the last byte XORed with the id. */
export function accountOf(owner: string, id: number): string {
  return `0x${(BigInt(owner) ^ BigInt(id)).toString(16).padStart(40, '0')}`
}

export async function createEulerDoubles(chain: LocalChain): Promise<EulerDoubles> {
  const { rpc, transactions } = chain
  const doubles = await loadEulerDoubles(rpc)
  const sender = ((await rpc.send('eth_accounts')) as string[])[9] ?? ''
  let created = 0

  async function createDouble(double: DoubleName, address?: string): Promise<string> {
    created += 1
    const at = address ?? `0xe0${created.toString(16).padStart(38, '0')}`
    await rpc.send('anvil_setCode', [at, doubles[double].code])
    return at
  }

  async function write(writes: readonly Write[]): Promise<void> {
    await transactions.send(
      writes.map(({ to, double, call: [method, ...args] }) => ({
        label: method,
        from: sender,
        to,
        data: doubles[double].abi.encodeFunctionData(method, args),
      })),
    )
  }

  const evc = await createDouble('EvcDouble')
  const factory = await createDouble('FactoryDouble')
  const perspective = await createDouble('PerspectiveDouble')
  const pyth = await createDouble('PythDouble')
  const oracle = await createDouble('PriceOracleDouble')

  async function createVault(wanted: NewVault): Promise<VaultAddresses> {
    const { token: asset, decimals } = reserveOf(chain.addresses.markets.main, wanted.asset)
    const vault = await createDouble('VaultDouble', wanted.address)
    const prices = wanted.oracle ?? oracle
    await write([
      {
        to: vault,
        double: 'VaultDouble',
        call: ['init', evc, asset, wanted.unitOfAccount ?? USD, prices, wanted.symbol, decimals],
      },
      ...(wanted.foreign
        ? []
        : [{ to: factory, double: 'FactoryDouble' as const, call: ['add', vault] as const }]),
    ])
    return { vault, asset, decimals, oracle: prices }
  }

  async function setPrice({ vault, price }: { vault: VaultAddresses; price: string }): Promise<void> {
    const worth = [parseUnits(price, 18), 10n ** BigInt(vault.decimals)]
    await write(
      [vault.vault, vault.asset].map((base) => ({
        to: vault.oracle,
        double: 'PriceOracleDouble',
        call: ['setPrice', base, ...worth],
      })),
    )
  }

  const setLtv: EulerDoubles['setLtv'] = ({ controller, collateral, liquidationBps, rampSeconds = 0 }) =>
    write([
      {
        to: controller.vault,
        double: 'VaultDouble',
        call: ['setLtv', collateral.vault, Math.max(0, liquidationBps - 500), liquidationBps, rampSeconds],
      },
    ])

  const vaults = {
    'eWMON-1': await createVault({ symbol: 'eWMON-1', asset: 'WMON' }),
    'eUSDC-1': await createVault({ symbol: 'eUSDC-1', asset: 'USDC' }),
    'eWBTC-1': await createVault({ symbol: 'eWBTC-1', asset: 'WBTC' }),
  }
  await setPrice({ vault: vaults['eWMON-1'], price: '4' })
  await setPrice({ vault: vaults['eUSDC-1'], price: '1' })
  await setPrice({ vault: vaults['eWBTC-1'], price: '60000' })
  const all = Object.values(vaults)
  await write(
    all.map(({ vault }) => ({ to: perspective, double: 'PerspectiveDouble', call: ['add', vault] })),
  )
  for (const controller of all) {
    for (const collateral of all.filter((other) => other !== controller)) {
      await setLtv({ controller, collateral, liquidationBps: 8_500 })
    }
  }

  return {
    evc,
    factory,
    perspective,
    pyth,
    oracle,
    vaults,
    createVault,
    createDouble: (double) => createDouble(double),
    write,
    setPrice,
    setLtv,
    failOracle: (failure) => {
      const [mode, data] =
        failure === 'no' ? [0, '0x'] : failure === 'silently' ? [2, '0x'] : [1, failure.data]
      return write([{ to: oracle, double: 'PriceOracleDouble', call: ['setMode', mode, data] }])
    },
    openLoan: async ({ owner = newOwner(), accountId = 0, controller, collateral, debt }) => {
      const account = accountOf(owner, accountId)
      await write([
        ...collateral.flatMap(({ vault, amount }): Write[] => [
          { to: vault.vault, double: 'VaultDouble', call: ['deposit', rawOf(vault, amount), account] },
          { to: evc, double: 'EvcDouble', call: ['setCollateral', owner, account, vault.vault, true] },
        ]),
        { to: evc, double: 'EvcDouble', call: ['setController', owner, account, controller.vault, true] },
        { to: controller.vault, double: 'VaultDouble', call: ['setDebt', account, rawOf(controller, debt)] },
      ])
      return owner
    },
    setController: ({ owner, accountId, vault, on }) =>
      write([
        {
          to: evc,
          double: 'EvcDouble',
          call: ['setController', owner, accountOf(owner, accountId), vault.vault, on],
        },
      ]),
  }
}

function rawOf({ decimals }: VaultAddresses, amount: string | bigint): bigint {
  return typeof amount === 'bigint' ? amount : parseUnits(amount, decimals)
}
