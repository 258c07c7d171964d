import type { StoredPosition } from '../../../db/positions.ts'
import type { LendingStrategy } from '../../../protocols/strategy.ts'
import type { ChainReader } from '../../../src/chain/chain-reader.ts'
import type { Address } from '../../../src/domain/address.ts'
import type { PositionRef, ProtocolId, Reading } from '../../../src/domain/position.ts'
import type { PinnedCall } from '../../../src/monitor/strategy-call.ts'
import { reading } from '../views/kit.ts'

export function ownerAt(index: number): Address {
  return `0x${index.toString(16).padStart(40, '0')}`
}

/** A position of this owner; `protocol/market` names a market other than the usual one. */
export function refOf(what: ProtocolId | `${ProtocolId}/${string}`, owner: Address): PositionRef {
  const [protocol, market = 'm'] = what.split('/') as [ProtocolId, string?]
  return { protocol, key: `${protocol}:${market}:${owner}`, owner, market, marketName: market }
}

export function storedAt(id: number, ref: PositionRef): StoredPosition {
  return { id, ref }
}

/** A chain double at a block that nobody may call: strategies here answer by themselves. */
export function chainDoubleAt(number: number): ChainReader {
  const refuse = (): Promise<never> => Promise.reject(new Error('the chain double was called'))
  return {
    endpoint: 'double.example',
    block: { number, timestamp: number, hash: '0x1', parentHash: '0x0' },
    priority: 'cycle',
    signal: undefined,
    call: refuse,
    sequences: refuse,
    hasCode: refuse,
  }
}

/** Hands the work a chain double, as the RPC client would with an endpoint that answers. */
export const pinnedDouble: PinnedCall = async (_, work) => ({ ok: true, value: await work(chainDoubleAt(1)) })

/** A strategy double that reads with the function given; it proves wiring, not the protocol. */
export function strategyDouble(id: ProtocolId, read: LendingStrategy['read']): LendingStrategy {
  return {
    id,
    name: id,
    appUrl: `https://${id}.example`,
    contracts: [],
    selfCheck: () => Promise.resolve([]),
    discover: () => Promise.resolve([]),
    read,
    inspect: () => Promise.reject(new Error('the strategy double only reads')),
    rescue: () => Promise.reject(new Error('the strategy double only reads')),
    yields: () => Promise.reject(new Error('the strategy double only reads')),
    supplies: () => Promise.reject(new Error('the strategy double only reads')),
    logs: { filter: () => Promise.resolve({ addresses: [], topics: [] }), decode: () => [] },
    describeLiquidation: () => Promise.reject(new Error('the strategy double only reads')),
  }
}

/** Reads every position as healthy. */
export const readsAll: LendingStrategy['read'] = (refs) =>
  Promise.resolve(refs.map((): Reading => reading('1.6')))

export const hangs = (): Promise<never> => new Promise<never>(() => undefined)
