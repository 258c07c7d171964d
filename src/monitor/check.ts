import type { LendingStrategy } from '../../protocols/strategy.ts'
import type { Check, ProtocolCheck, WalletToCheck } from '../domain/check.ts'
import type { PositionRef } from '../domain/position.ts'
import { discover } from './discovery.ts'
import type { StrategyCall } from './strategy-call.ts'

export interface CheckDeps {
  readonly strategies: readonly LendingStrategy[]
  readonly strategyCall: StrategyCall
}

/** A live look at wallets: discovers and reads on every protocol, all wallets of a protocol in one go. */
export function createCheck({ strategies, strategyCall }: CheckDeps): Check {
  async function checkProtocol(
    strategy: LendingStrategy,
    wallets: readonly WalletToCheck[],
  ): Promise<ProtocolCheck[]> {
    const owners = wallets.map(({ owner }) => owner)
    const found = await discover(strategyCall, { strategy, owners, priority: 'command' })
    const perWallet = wallets.map(({ known }, index) => {
      const refs = new Map<string, PositionRef>()
      for (const ref of known) if (ref.protocol === strategy.id) refs.set(ref.key, ref)
      for (const ref of found[index]?.discovery.refs ?? []) refs.set(ref.key, ref)
      return [...refs.values()]
    })
    const readings = await strategyCall.read({ strategy, priority: 'command', refs: perWallet.flat() })
    let next = 0
    return perWallet.map((refs, index) => {
      const discovery = found[index]?.discovery
      const positions = refs.flatMap((ref) => {
        const reading = readings[next]
        next += 1
        // A position known from before that the chain no longer has is not worth a line.
        return reading && reading.kind !== 'none' ? [{ ref, reading }] : []
      })
      const incomplete = discovery?.kind === 'complete' ? null : (discovery?.reason ?? 'no answer')
      return { protocol: strategy.id, positions, incomplete, seenAt: found[index]?.seenAt ?? null }
    })
  }

  return async ({ wallets, protocols }) => {
    const asked = strategies.filter(({ id }) => protocols?.includes(id) ?? true)
    const perProtocol = await Promise.all(asked.map((strategy) => checkProtocol(strategy, wallets)))
    return wallets.map((_, index) => perProtocol.flatMap((checks) => checks[index] ?? []))
  }
}
