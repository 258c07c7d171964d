import { loadStates } from '../../db/alert-states.ts'
import { storeFound } from '../../db/positions.ts'
import { transact } from '../../db/transact.ts'
import type { LendingStrategy } from '../../protocols/strategy.ts'
import type { AlertState } from '../../src/domain/alerting/state.ts'
import type { PositionRef, ProtocolId } from '../../src/domain/position.ts'
import { type CurvanceDoubles, createCurvanceDoubles } from '../chain/curvance/doubles.ts'
import { accountOf, createEulerDoubles, type EulerDoubles, type Write } from '../chain/euler/doubles.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { curvanceOf, curvanceRef } from './curvance-kit.ts'
import { eulerOf, eulerRef } from './euler-kit.ts'
import type { MonitorBed } from './monitor-kit.ts'
import { morphoOf, morphoRef } from './morpho-kit.ts'
import { neverlandOf, refIn } from './neverland-kit.ts'

export const PER_PROTOCOL = 125
const WAD = 10n ** 18n
const EULER_WRITES = 100

/** A chain with 125 loans on each protocol, every one of another owner and healthy. */
export interface FourProtocols {
  readonly chain: LocalChain
  readonly euler: EulerDoubles
  readonly curvance: CurvanceDoubles
  readonly refs: Record<ProtocolId, readonly PositionRef[]>
  /** Brings all loans of a protocol down to that level. */
  readonly fall: (protocol: ProtocolId, to: 'warning' | 'critical') => Promise<void>
}

export async function createFourProtocols(): Promise<FourProtocols> {
  const chain = await createLocalChain()
  const euler = await createEulerDoubles(chain)
  const curvance = await createCurvanceDoubles(chain)
  const wmon = euler.vaults['eWMON-1']
  return {
    chain,
    euler,
    curvance,
    refs: {
      neverland: await neverlandLoans(chain),
      morpho: await morphoLoans(chain),
      euler: await eulerLoans({ chain, euler }),
      curvance: await curvanceLoans({ chain, curvance }),
    },
    async fall(protocol, to) {
      const price = PRICES[protocol][to]
      switch (protocol) {
        case 'neverland':
          await chain.setPrice({ asset: 'WMON', usd: price, market: 'main' })
          break
        case 'morpho':
          await chain.setMorphoPrice({ market: 'WMON-USDC', price })
          break
        case 'euler':
          await euler.setPrice({ vault: wmon, price })
          break
        case 'curvance':
          await curvance.setFeed({ symbol: 'WMON', lower: price })
      }
    },
  }
}

/** Of one WMON, where the loans below come under each line. */
const PRICES: Record<ProtocolId, Record<'warning' | 'critical', string>> = {
  neverland: { warning: '2.6', critical: '2.2' },
  morpho: { warning: '3', critical: '2.5' },
  euler: { warning: '2.3', critical: '1.9' },
  curvance: { warning: '1.25', critical: '1.05' },
}

function many<T>(make: () => T): T[] {
  return Array.from({ length: PER_PROTOCOL }, make)
}

/** Health 2. */
async function neverlandLoans(chain: LocalChain): Promise<PositionRef[]> {
  const owners = await chain.openPositions(
    many(() => ({
      supply: [{ asset: 'WMON', amount: '1000' }],
      borrow: [{ asset: 'USDC', amount: '1500' }],
    })),
  )
  return owners.map((owner) => refIn(chain, { owner }))
}

/** Health 1.72. */
async function morphoLoans(chain: LocalChain): Promise<PositionRef[]> {
  const market = 'WMON-USDC'
  const owners = await chain.openMorphoPositions(many(() => ({ market, collateral: '100', borrow: '200' })))
  return owners.map((owner) => morphoRef(chain, { owner, market }))
}

/** Health 2.27. */
async function eulerLoans({ chain, euler }: { chain: LocalChain; euler: EulerDoubles }) {
  const { 'eWMON-1': wmon, 'eUSDC-1': controller } = euler.vaults
  const owners = many(() => chain.newOwner())
  const writes = owners.flatMap((owner): Write[] => {
    const account = accountOf(owner, 0)
    const { evc } = euler
    return [
      { to: wmon.vault, double: 'VaultDouble', call: ['deposit', 1000n * WAD, account] },
      { to: evc, double: 'EvcDouble', call: ['setCollateral', owner, account, wmon.vault, true] },
      { to: evc, double: 'EvcDouble', call: ['setController', owner, account, controller.vault, true] },
      { to: controller.vault, double: 'VaultDouble', call: ['setDebt', account, 1_500_000_000n] },
    ]
  })
  for (let start = 0; start < writes.length; start += EULER_WRITES) {
    await euler.write(writes.slice(start, start + EULER_WRITES))
  }
  return owners.map((owner) => eulerRef({ owner, controller }))
}

/** Health about 2. */
async function curvanceLoans({ chain, curvance }: { chain: LocalChain; curvance: CurvanceDoubles }) {
  const market = 'WMON/USDC'
  const owners = many(() => chain.newOwner())
  await curvance.put({
    market,
    symbol: 'WMON',
    entries: owners.map((owner) => ({ owner, shares: 1000n * WAD, debt: 0n })),
  })
  await curvance.put({
    market,
    symbol: 'USDC',
    entries: owners.map((owner) => ({ owner, shares: 0n, debt: 750_000_000n })),
  })
  return owners.map((owner) => curvanceRef(curvance, { owner, market }))
}

/** The strategy itself, on the real contracts or the doubles. */
export function realOf(four: FourProtocols, protocol: ProtocolId): LendingStrategy {
  switch (protocol) {
    case 'neverland':
      return neverlandOf(four.chain)
    case 'morpho':
      return morphoOf(four.chain)
    case 'euler':
      return eulerOf(four)
    case 'curvance':
      return curvanceOf(four.curvance)
  }
}

/** Watches the owners of these positions and stores the positions, as if discovery had found them. */
export async function watchAll(bed: MonitorBed, refs: readonly PositionRef[]): Promise<void> {
  for (const { owner } of refs) await bed.watch(owner)
  await transact(bed.db, (tx) => storeFound(tx, { refs, nowMs: 0 }))
}

/** What is stored of every position, by protocol. */
export async function storedStates(bed: MonitorBed): Promise<Record<ProtocolId, AlertState[]>> {
  const rows = await bed.db.selectFrom('positions').select(['id', 'protocol']).execute()
  const states = await loadStates(
    bed.db,
    rows.map(({ id }) => id),
  )
  const found: Record<ProtocolId, AlertState[]> = { neverland: [], morpho: [], curvance: [], euler: [] }
  for (const { id, protocol } of rows) {
    for (const [key, state] of states) {
      if (key.endsWith(`:${id}`)) found[protocol as ProtocolId].push(state)
    }
  }
  return found
}

/** How many alerts of a kind each protocol has. */
export async function alertsOf(bed: MonitorBed): Promise<Record<string, number>> {
  const rows = await bed.db
    .selectFrom('outbox')
    .innerJoin('positions', 'positions.id', 'outbox.position_id')
    .select(['positions.protocol', 'outbox.kind'])
    .execute()
  const counts: Record<string, number> = {}
  for (const { protocol, kind } of rows) {
    const name = `${protocol} ${kind}`
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}
