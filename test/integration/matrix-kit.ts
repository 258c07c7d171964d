import { expect } from 'vitest'
import type { LendingStrategy } from '../../protocols/strategy.ts'
import type { Rpc } from '../../src/chain/rpc.ts'
import type { Inspected } from '../../src/domain/inspect.ts'
import type { Health, PositionRef, Reading } from '../../src/domain/position.ts'
import { discover, type OwnerDiscovery } from '../../src/monitor/discovery.ts'
import { createInspect } from '../../src/monitor/inspect.ts'
import { createStrategyCall } from '../../src/monitor/strategy-call.ts'
import type { LocalChain } from '../chain/local-chain.ts'
import { createRpcProxy, type RpcProxy } from '../chain/rpc-proxy.ts'
import { type Clock, createClock, rpcFor } from './chain-kit.ts'

/** Where a person starts to be warned, and what the ways out aim for. */
const LINE_WAD = 15n * 10n ** 17n

/** All that one protocol says of one position. */
export interface Seen {
  readonly found: OwnerDiscovery
  readonly reading: Reading
  readonly inspection: Inspected
  readonly rescue: Inspected
}

/** Two endpoints before one chain, and a look at a position through them as the monitor and the commands have it. */
export interface Lookout {
  readonly proxies: readonly [RpcProxy, RpcProxy]
  /** Errors out of a strategy that are no failures of an endpoint. */
  readonly bugs: readonly unknown[]
  look(strategy: LendingStrategy, ref: PositionRef): Promise<Seen>
  stop(): Promise<void>
}

export async function createLookout(chain: LocalChain): Promise<Lookout> {
  const proxies = [
    await createRpcProxy({ target: chain.url }),
    await createRpcProxy({ target: chain.url }),
  ] as const
  const clock: Clock = await createClock(chain)
  const rpc: Rpc = rpcFor({ urls: proxies.map(({ url }) => url), chain, now: clock.now })
  const bugs: unknown[] = []
  const strategyCall = createStrategyCall({
    pinned: (options, work) => rpc.pinned(options, work),
    budgetMs: 20_000,
    stopping: new AbortController().signal,
    onBug: (error) => bugs.push(error),
  })
  return {
    proxies,
    bugs,
    async look(strategy, ref) {
      // A block of its own, so that no head from before is used.
      await chain.accrueTime(1)
      clock.advance((await createClock(chain)).now() - clock.now())
      const priority = 'command'
      const inspect = createInspect({ strategies: [strategy], strategyCall })
      const [found] = await discover(strategyCall, { strategy, owners: [ref.owner], priority })
      const [reading, ...more] = await strategyCall.read({ strategy, priority, refs: [ref] })
      if (!found || !reading || more.length > 0) throw new Error('not one answer for one position')
      return {
        found,
        reading,
        inspection: await inspect({ ref, targetWad: null }),
        rescue: await inspect({ ref, targetWad: LINE_WAD }),
      }
    },
    async stop() {
      await rpc.stop()
      await Promise.all(proxies.map((proxy) => proxy.stop()))
    },
  }
}

/** A reading in words, with the side of the lines that its health is on. */
export function verdictOf(reading: Reading | Inspected): string {
  if (reading.kind === 'none') return 'none'
  if (reading.kind === 'unknown') return `unknown(${reading.reason})`
  const health = 'detail' in reading ? reading.detail.health : reading.health
  if (health.noDebt) return 'no debt'
  if (health.liquidatable) return 'liquidatable'
  return health.healthWad >= LINE_WAD ? 'healthy' : 'warning'
}

/** What discovery says of the position, in words. */
export function listedAs({ found }: Seen, { key }: PositionRef): string {
  const { kind, refs } = found.discovery
  const listed = refs.some((ref) => ref.key === key) ? 'listed' : 'not listed'
  return kind === 'complete' ? listed : `${listed}, maybe not all`
}

/** `read`, `inspect` and `rescue` agree, and whatever is not known is told in words for a person. */
export function expectOneStory({ found, reading, inspection, rescue }: Seen): void {
  for (const answer of [inspection, rescue]) expect(verdictOf(answer)).toBe(verdictOf(reading))
  if (found.discovery.kind === 'partial') expectForAPerson(found.discovery.reason)
  for (const answer of [reading, inspection, rescue]) {
    if (answer.kind === 'unknown') expectForAPerson(answer.detail)
  }
  if (reading.kind !== 'ok') return
  for (const answer of [inspection, rescue]) {
    if (answer.kind !== 'ok') continue
    // Nothing happens on the chain between the answers.
    expect(answer.detail.health).toEqual(reading.health)
    for (const note of answer.detail.notes) expectForAPerson(note)
  }
  if (inspection.kind === 'ok') expect(inspection.ways).toEqual([])
  if (rescue.kind === 'ok') expectWays(rescue, reading.health)
}

function expectWays({ ways }: Extract<Inspected, { kind: 'ok' }>, health: Health): void {
  if (health.noDebt || health.healthWad >= LINE_WAD) {
    expect(ways).toEqual([])
    return
  }
  expect(ways.length).toBeGreaterThan(0)
  for (const { amountRaw, healthAfterWad, reachesTarget } of ways) {
    expect(amountRaw).toBeGreaterThan(0n)
    if (healthAfterWad === null) continue
    if (reachesTarget) expect(healthAfterWad).toBeGreaterThanOrEqual(LINE_WAD)
    else expect(healthAfterWad).toBeLessThan(LINE_WAD)
  }
}

/** A short sentence: no whole address, no URL, nothing that only a programmer can read. */
export function expectForAPerson(text: string): void {
  expect(text).toMatch(/^.{8,250}$/)
  expect(text).toMatch(/\s/)
  expect(text).not.toMatch(/0x[0-9a-f]{40}|:\/\/|\bundefined\b|\bnull\b|\bNaN\b|\[object|Error\b|\{"/i)
}
