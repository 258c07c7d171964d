import { setMaxListeners } from 'node:events'
import type { LendingStrategy } from '../../protocols/strategy.ts'
import type { ChainReader } from '../chain/chain-reader.ts'
import type { Pinned, PinOptions } from '../chain/rpc.ts'
import type { PositionRef, Reading } from '../domain/position.ts'

/** Where a strategy finds the chain. */
export type PinnedCall = <T>(options: PinOptions, work: (at: ChainReader) => Promise<T>) => Promise<Pinned<T>>

export interface StrategyCallDeps {
  readonly pinned: PinnedCall
  /** A strategy that takes longer than this counts as not answering, so that it cannot hold up the others. */
  readonly budgetMs: number
  /** Fires when the process stops: everything under way is given up. */
  readonly stopping: AbortSignal
  /** Told about errors out of a strategy that are not transport failures: bugs. */
  readonly onBug: (error: unknown, protocol: string) => void
}

/** Whom to ask, and where. */
export interface Asking extends Omit<PinOptions, 'signal'> {
  readonly strategy: LendingStrategy
}

export interface StrategyCall {
  /** Runs one strategy's work within its budget; every failure is a reason, never an exception. */
  run<T>(call: Asking, work: (at: ChainReader) => Promise<T>): Promise<Pinned<T>>
  /** One reading per ref, same order; all of them `unknown` when the protocol could not be read. */
  read(call: Asking & { refs: readonly PositionRef[] }): Promise<Reading[]>
}

/** Isolation between protocols: one that hangs, throws or answers short costs nobody else anything. */
export function createStrategyCall(deps: StrategyCallDeps): StrategyCall {
  // One signal ends many calls; that is no leak.
  setMaxListeners(0, deps.stopping)

  async function run<T>(call: Asking, work: (at: ChainReader) => Promise<T>): Promise<Pinned<T>> {
    if (deps.stopping.aborted) return { ok: false, reason: 'stopping' }
    const end = new AbortController()
    const giveUp = (): void => {
      end.abort()
    }
    const timer = setTimeout(giveUp, deps.budgetMs)
    deps.stopping.addEventListener('abort', giveUp)
    const givenUp = new Promise<Pinned<T>>((resolve) => {
      end.signal.addEventListener('abort', () => {
        resolve({ ok: false, reason: `no answer within ${deps.budgetMs / 1000} s` })
      })
    })
    try {
      const { priority, avoid, fromBlock } = call
      const options = { priority, avoid, fromBlock, signal: end.signal }
      return await Promise.race([deps.pinned(options, work), givenUp])
    } catch (error) {
      deps.onBug(error, call.strategy.id)
      return { ok: false, reason: 'internal error' }
    } finally {
      clearTimeout(timer)
      deps.stopping.removeEventListener('abort', giveUp)
    }
  }

  return {
    run,
    async read({ refs, ...call }) {
      if (refs.length === 0) return []
      const result = await run(call, (at) => call.strategy.read(refs, at))
      if (!result.ok) return refs.map(() => ({ kind: 'unknown', reason: 'rpc', detail: result.reason }))
      return refs.map(
        (_, index) =>
          result.value[index] ?? {
            kind: 'unknown',
            reason: 'decode',
            detail: 'the protocol reader gave no answer',
          },
      )
    },
  }
}
