import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createMeteora } from '../../protocols/meteora/index.ts'
import { identityOf, opportunityOf } from '../../protocols/meteora/opportunity.ts'
import { createApi } from '../../src/chain/api.ts'
import type { Opportunity } from '../../src/domain/pools/opportunity.ts'
import { PRESET_RULES, PRESETS } from '../../src/domain/pools/rules.ts'
import { isFor, matchChats, type Wants } from '../../src/pools/match.ts'
import { buildIndex, type PoolIndex } from '../../src/pools/pool-index.ts'
import { createSlices } from '../../src/pools/slices.ts'
import { aUniverse, createDice, mintOf } from '../fakes/meteora/universe.ts'
import { type Measured, measure, medianOf } from './measure.ts'
import type { BenchResult, BenchRow } from './result.ts'

const POOLS = 120_000
const USERS = 100_000
const TOKENS_EACH = 5
const TOKENS = 44_000
const RUNS = 5
const SAMPLE = 20
const MOST_CPU_MS = 2_000
const MOST_PAUSE_MS = 50
const NOW_MS = 1_800_000_000_000
const clock = (): number => performance.now()

/** Reading, indexing and matching what all users want, beside a scan of all pools for each user. */
export async function benchPools(): Promise<BenchResult> {
  const users = theUsers()
  const feed = fork(new URL('./pools-feed.ts', import.meta.url), [`${POOLS}`, `${NOW_MS}`], {
    execArgv: ['--import', 'tsx'],
  })
  try {
    const [url] = (await once(feed, 'message')) as [string]
    return await benchWith(url, users)
  } finally {
    feed.disconnect()
    await once(feed, 'exit')
  }
}

async function benchWith(url: string, users: readonly Wants[]): Promise<BenchResult> {
  const api = createApi({
    url,
    requestsPerSecond: 1_000,
    timeoutMs: 30_000,
    maxBytes: 16_000_000,
    now: () => Date.now(),
    random: Math.random,
    name: 'the double',
  })
  const { pools } = createMeteora({ url, api, leastTvlUsd: () => 1_000, now: () => NOW_MS })
  let opportunities: readonly Opportunity[] = []
  let index: PoolIndex | undefined
  const read = async (): Promise<void> => {
    const answer = await pools.refresh(new AbortController().signal)
    if (answer.kind === 'suspect') throw new Error(answer.reason)
    opportunities = answer.opportunities
  }
  const build = async (): Promise<void> => {
    index = await buildIndex(opportunities, createSlices(clock))
  }
  let matches = 0
  const match = async (): Promise<void> => {
    matches = 0
    if (!index) return
    await matchChats(
      {
        index,
        giveWay: createSlices(clock),
        found: (_, ranked) => {
          matches += ranked.length
        },
      },
      users,
    )
  }
  const all = async (): Promise<void> => {
    await read()
    await build()
    await match()
  }
  // The first one compiles, reads what stays of every pool, and lets the server filter its list.
  await all()
  const steps: [string, Measured][] = [
    ['refresh', await medianOf(RUNS, read)],
    ['index', await medianOf(RUNS, build)],
    ['match', await medianOf(RUNS, match)],
  ]
  const together = await medianOf(RUNS, all)
  const told = `${opportunities.length} pools above $1,000 of ${POOLS}; ${matches} matches`
  await api.stop()

  // Without the filter at the server: everything in memory.
  opportunities = everything()
  await build()
  await match()
  const unfiltered = await medianOf(RUNS, async () => {
    await build()
    await match()
  })
  const scan = await scanned(users.slice(0, SAMPLE), opportunities)
  const scanMs = (scan.cpuMs / SAMPLE) * USERS
  const row = (what: string, { cpuMs, wallMs, pauseMs }: Measured): BenchRow => ({
    what,
    cells: [Math.round(cpuMs), Math.round(wallMs), pauseMs.toFixed(1), `${Math.round(scanMs / cpuMs)}x`],
  })
  const promised: [string, Measured][] = [['refresh + index + match', together]]
  return {
    title: `Pools: ${POOLS} pools, ${USERS} users with ${TOKENS_EACH} tokens each, medians of ${RUNS}`,
    columns: ['CPU ms', 'wall ms', 'longest pause ms', 'against a scan'],
    rows: [
      ...steps.map(([what, measured]) => row(what, measured)),
      row('refresh + index + match', together),
      row(`index + match of all ${POOLS}, unfiltered`, unfiltered),
      {
        what: `a scan per user (extrapolated from ${SAMPLE} users)`,
        cells: [Math.round(scanMs), '-', '-', '1x'],
      },
    ],
    notes: [`${told}. The double runs in a process of its own and is not counted.`],
    broken: promised.flatMap(([what, { cpuMs, pauseMs }]) => [
      ...(cpuMs > MOST_CPU_MS
        ? [`${what} took ${Math.round(cpuMs)} ms of CPU, more than ${MOST_CPU_MS}`]
        : []),
      ...(pauseMs > MOST_PAUSE_MS ? [`${what} held the event loop for ${pauseMs.toFixed(0)} ms`] : []),
    ]),
  }
}

/** Three presets; tokens as popular as they are in pools. */
function theUsers(): Wants[] {
  const dice = createDice(2)
  return Array.from({ length: USERS }, (_, chatId) => {
    const preset = PRESETS[Math.floor(dice() * PRESETS.length)] ?? 'balanced'
    const tokens = new Set<string>()
    while (tokens.size < TOKENS_EACH) tokens.add(mintOf(Math.floor(TOKENS ** dice())))
    return { chatId, rules: PRESET_RULES[preset], tokens: [...tokens] }
  })
}

function everything(): Opportunity[] {
  return aUniverse({ count: POOLS, seed: 1, nowMs: NOW_MS }).map((pool) =>
    opportunityOf({ row: pool, identity: identityOf(pool) }, NOW_MS),
  )
}

async function scanned(users: readonly Wants[], opportunities: readonly Opportunity[]): Promise<Measured> {
  let found = 0
  return await measure(() => {
    for (const user of users) found += opportunities.filter((one) => isFor(one, user)).length
    return Promise.resolve()
  }).then((measured) => ({ ...measured, found }))
}
