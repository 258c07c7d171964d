import { afterEach, describe, expect, it, vi } from 'vitest'
import type { PositionReading } from '../../../db/commit-transitions.ts'
import type { Confirmation, Unconfirmed } from '../../../db/confirmations.ts'
import type { LendingStrategy } from '../../../protocols/strategy.ts'
import type { Verdict } from '../../../src/domain/alerting/second-look.ts'
import type { ProtocolId, Reading } from '../../../src/domain/position.ts'
import { linesFor } from '../../../src/domain/thresholds.ts'
import { parseWad } from '../../../src/domain/units.ts'
import type { Loop } from '../../../src/monitor/loop.ts'
import type { Asking } from '../../../src/monitor/strategy-call.ts'
import { createVerifier } from '../../../src/monitor/verifier.ts'
import { hangs, ownerAt, refOf, strategyDouble } from './kit.ts'

const START = 1_800_000_000_000
const WAD = parseWad('1') ?? 0n

interface Answer {
  readonly endpoint: string
  readonly block: number
}

function readingOf(healthWad: bigint, { endpoint, block }: Answer): Reading {
  return {
    kind: 'ok',
    health: { noDebt: false, healthWad, liquidatable: healthWad < WAD },
    collateral: { amount: 2_000n, decimals: 0 },
    debt: { amount: 1_000n, decimals: 0 },
    unit: 'USD',
    block: { number: block, timestamp: START / 1000, hash: '0x1', parentHash: '0x0' },
    endpoint,
  }
}

function waiting(rowId: number, over: { protocol?: ProtocolId; position?: number } = {}): Unconfirmed {
  const { protocol = 'neverland', position = rowId } = over
  return {
    rowId,
    chatId: rowId,
    positionId: position,
    createdAtMs: START,
    ref: refOf(protocol, ownerAt(position)),
    transition: {
      kind: 'critical',
      episode: 1,
      seq: 1,
      from: 'safe',
      to: 'critical',
      newLow: false,
      repeat: false,
      badDebt: false,
      dust: false,
      lines: linesFor((WAD * 3n) / 2n),
      before: null,
      rangAtWad: null,
      reading: {
        health: { noDebt: false, healthWad: (WAD * 11n) / 10n, liquidatable: false },
        collateral: { amount: 2_000n, decimals: 0 },
        debt: { amount: 1_000n, decimals: 0 },
        unit: 'USD',
        block: 100,
        blockTimestamp: START / 1000,
        endpoint: 'first.example',
        atMs: START,
      },
      unseen: null,
      movedTo: null,
      liquidation: null,
      holdUntilMs: null,
    },
  }
}

type Asked = Asking & { refs: readonly { key: string }[] }

function bedOf(given: {
  rows: Unconfirmed[]
  read: (asked: Asked, tries: number) => Promise<Reading[]>
  endpoints?: string[]
  strategies?: readonly LendingStrategy[]
}) {
  const clock = { ms: START }
  const rows = [...given.rows]
  const asked: Asked[] = []
  const verdicts = new Map<number, Verdict>()
  const confirmations: Confirmation[] = []
  const applied: PositionReading[] = []
  const errors: unknown[] = []
  let looks = 0
  const verifier = createVerifier({
    strategies:
      given.strategies ??
      (['neverland', 'morpho'] as const).map((id) => strategyDouble(id, () => Promise.resolve([]))),
    strategyCall: {
      read(call) {
        asked.push(call)
        return given.read(call, asked.length)
      },
    },
    endpoints: () => given.endpoints ?? ['first.example', 'second.example'],
    unconfirmed: () => {
      looks += 1
      return Promise.resolve(rows.filter(({ rowId }) => !verdicts.has(rowId)))
    },
    confirm(work) {
      confirmations.push(...work.confirmations)
      const changed = work.confirmations.flatMap(({ rowIds }) => rowIds.filter((id) => !verdicts.has(id)))
      return Promise.resolve(new Set(changed))
    },
    apply(readings) {
      applied.push(...readings)
      return Promise.resolve()
    },
    now: () => clock.ms,
    onVerdict: ({ rowId }, verdict) => verdicts.set(rowId, verdict),
    onError: (error) => errors.push(error),
  })
  return { verifier, clock, rows, asked, verdicts, confirmations, applied, errors, looks: () => looks }
}

let running: Loop | undefined

async function pass(bed: ReturnType<typeof bedOf>, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) {
    bed.clock.ms += 500
    await vi.advanceTimersByTimeAsync(500)
  }
}

async function start(bed: ReturnType<typeof bedOf>): Promise<void> {
  running = bed.verifier
  bed.verifier.start()
  await vi.advanceTimersByTimeAsync(0)
}

vi.useFakeTimers()
afterEach(async () => {
  await running?.stop()
  running = undefined
})

const SECOND: Answer = { endpoint: 'second.example', block: 101 }
const FIRST_AGAIN: Answer = { endpoint: 'first.example', block: 107 }

function answers(health: string, answer: Answer) {
  return (asked: Asked): Promise<Reading[]> =>
    Promise.resolve(asked.refs.map(() => readingOf(parseWad(health) ?? 0n, answer)))
}

describe('the second look', () => {
  it('asks another endpoint that has seen the block, most urgently, and confirms what it agrees with', async () => {
    const bed = bedOf({ rows: [waiting(1)], read: answers('1.1', SECOND) })
    await start(bed)
    expect(bed.asked).toMatchObject([{ priority: 'verify', avoid: 'first.example', fromBlock: 100 }])
    expect([...bed.verdicts]).toEqual([[1, 'confirmed']])
    expect(bed.confirmations[0]?.second).toMatchObject({ endpoint: 'second.example', block: 101 })
    expect([bed.applied, bed.errors]).toEqual([[], []])
  })

  it('decides anew what another source contradicts', async () => {
    const bed = bedOf({ rows: [waiting(1), waiting(2, { position: 1 })], read: answers('1.9', SECOND) })
    await start(bed)
    expect([...bed.verdicts]).toEqual([
      [1, 'disputed'],
      [2, 'disputed'],
    ])
    expect(bed.applied).toHaveLength(1)
    expect(bed.applied[0]).toMatchObject({ position: { id: 1 }, reading: { endpoint: 'second.example' } })
  })

  it('asks the only endpoint again after two seconds, at a later block, and calls it one source', async () => {
    const bed = bedOf({
      rows: [waiting(1)],
      read: answers('1.1', FIRST_AGAIN),
      endpoints: ['first.example'],
    })
    await start(bed)
    await pass(bed, 1_500)
    expect(bed.asked).toEqual([])
    await pass(bed, 1_000)
    expect(bed.asked).toMatchObject([{ avoid: undefined, fromBlock: 101 }])
    expect([...bed.verdicts]).toEqual([[1, 'unconfirmed']])
  })

  it('believes neither when the only endpoint contradicts itself', async () => {
    const bed = bedOf({
      rows: [waiting(1)],
      read: answers('1.9', FIRST_AGAIN),
      endpoints: ['first.example'],
    })
    await start(bed)
    await pass(bed, 2_500)
    expect([...bed.verdicts]).toEqual([[1, 'disputed']])
    expect(bed.applied).toHaveLength(1)
  })

  it('turns to whoever answers when no other endpoint has for five seconds', async () => {
    const bed = bedOf({
      rows: [waiting(1)],
      read: (asked) =>
        asked.avoid === undefined
          ? answers('1.1', FIRST_AGAIN)(asked)
          : Promise.resolve([{ kind: 'unknown', reason: 'rpc', detail: 'second.example: down' }]),
    })
    await start(bed)
    await pass(bed, 4_500)
    expect(bed.verdicts.size).toBe(0)
    await pass(bed, 1_000)
    expect([...bed.verdicts]).toEqual([[1, 'unconfirmed']])
  })

  it('tries again after an answer that says nothing, and after an error', async () => {
    const bed = bedOf({
      rows: [waiting(1)],
      read: (asked, tries) => {
        if (tries === 1) return Promise.resolve([{ kind: 'unknown', reason: 'oracle', detail: 'silent' }])
        if (tries === 2) return Promise.reject(new Error('a bug'))
        return answers('1.1', SECOND)(asked)
      },
    })
    await start(bed)
    await pass(bed, 1_500)
    expect([...bed.verdicts]).toEqual([[1, 'confirmed']])
    expect(bed.errors).toEqual([new Error('a bug')])
  })

  it('reads each position once for all chats, most urgent first, in few requests', async () => {
    const rows = Array.from({ length: 500 }, (_, index) =>
      waiting(index + 1, { position: (index % 100) + 1 }),
    )
    const bed = bedOf({ rows, read: answers('1.1', SECOND) })
    await start(bed)
    expect(bed.asked).toHaveLength(1)
    const keys = bed.asked[0]?.refs.map(({ key }) => key)
    expect(keys).toEqual(rows.slice(0, 100).map(({ ref }) => ref.key))
    expect(bed.verdicts.size).toBe(500)
  })

  it('keeps nobody waiting for a protocol that hangs, nor for rows of its own that came before', async () => {
    const bed = bedOf({
      rows: [waiting(1), waiting(2, { protocol: 'morpho' })],
      read: (asked, tries) => (tries === 1 ? hangs() : answers('1.1', SECOND)(asked)),
    })
    // Whatever hangs is ended by its budget; a stop must not wait for this one.
    bed.verifier.start()
    await vi.advanceTimersByTimeAsync(0)
    expect([...bed.verdicts.keys()]).toEqual([2])
    bed.rows.push(waiting(3), waiting(4, { protocol: 'morpho' }))
    bed.verifier.poke()
    await vi.advanceTimersByTimeAsync(0)
    expect([...bed.verdicts.keys()]).toEqual([2, 3, 4])
    void bed.verifier.stop()
  })

  it('leaves what no strategy reads as it is', async () => {
    const bed = bedOf({ rows: [waiting(1, { protocol: 'euler' })], read: answers('1.1', SECOND) })
    await start(bed)
    await pass(bed, 2_000)
    expect([bed.asked, [...bed.verdicts], bed.errors]).toEqual([[], [], []])
  })

  it('asks the database only while something waits or was committed', async () => {
    const bed = bedOf({ rows: [], read: answers('1.1', SECOND) })
    await start(bed)
    await pass(bed, 10_000)
    expect(bed.looks()).toBe(1)
    bed.rows.push(waiting(1))
    bed.verifier.poke()
    await vi.advanceTimersByTimeAsync(0)
    expect([...bed.verdicts]).toEqual([[1, 'confirmed']])
    await pass(bed, 10_000)
    expect(bed.looks()).toBeLessThanOrEqual(3)
  })
})
