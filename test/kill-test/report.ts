import type { Account } from './ledger.ts'
import type { Repeats } from './repeats.ts'
import type { Kill } from './rounds.ts'
import type { History } from './settle.ts'

/** What came of one town, or of several together. */
export interface Result {
  readonly kills: readonly Kill[]
  readonly positions: number
  readonly messages: number
  readonly account: Account
  readonly found: Repeats
  readonly history: History
  readonly seconds: number
}

/** Most that is listed of anything that went wrong. */
const MAX_LISTED = 40

function lostIn({ account, history }: Result): number {
  return account.lost.length + history.untold.length
}

/** Sums over several towns. */
export function together(results: readonly Result[]): Result {
  const sum = (of: (result: Result) => number): number => results.reduce((total, one) => total + of(one), 0)
  const damaged = results.find(({ account }) => account.integrity !== 'ok')
  return {
    kills: results.flatMap(({ kills }) => kills),
    positions: sum(({ positions }) => positions),
    messages: sum(({ messages }) => messages),
    account: {
      alerts: sum(({ account }) => account.alerts),
      delivered: sum(({ account }) => account.delivered),
      merged: sum(({ account }) => account.merged),
      unreachable: sum(({ account }) => account.unreachable),
      late: sum(({ account }) => account.late),
      lost: results.flatMap(({ account }) => account.lost),
      integrity: damaged?.account.integrity ?? 'ok',
    },
    found: {
      repeats: sum(({ found }) => found.repeats),
      unlabelled: results.flatMap(({ found }) => found.unlabelled),
    },
    history: {
      transitions: sum(({ history }) => history.transitions),
      untold: results.flatMap(({ history }) => history.untold),
    },
    seconds: Math.max(...results.map(({ seconds }) => seconds)),
  }
}

/** Whether the promises were kept. */
export function isGreen(result: Result): boolean {
  return lostIn(result) === 0 && result.found.unlabelled.length === 0 && result.account.integrity === 'ok'
}

/** A table for people, then one line of JSON for machines. */
export function reportText(result: Result, seed: number): string {
  const { account, found, kills, history } = result
  const at = (moment: Kill['moment']): number => kills.filter((kill) => kill.moment === moment).length
  const table = [
    ['seed', seed],
    ['kills', kills.length],
    ['  after a price move', at('after-move')],
    ['  after a send began', at('during-sends')],
    ['  during start-up', at('start-up')],
    ['  with a send open', kills.filter(({ insideSend }) => insideSend).length],
    ['positions', result.positions],
    ['transitions on the chain', history.transitions],
    ['  not told to their chat', history.untold.length],
    ['alerts written down', account.alerts],
    ['  delivered', account.delivered],
    ['  of these by a newer message', account.merged],
    ['  to an unreachable chat', account.unreachable],
    ['  not delivered', account.lost.length],
    ['  later than 60 s', account.late],
    ['messages that arrived', result.messages],
    ['repeats', found.repeats],
    ['  unlabelled', found.unlabelled.length],
    ['integrity_check', account.integrity],
    ['seconds', Math.round(result.seconds)],
  ] as const
  const problems = [...account.lost, ...history.untold, ...found.unlabelled].slice(0, MAX_LISTED)
  const last = {
    kills: kills.length,
    transitions: history.transitions,
    alerts: account.alerts,
    delivered: account.delivered,
    lost: lostIn(result),
    repeats: found.repeats,
    unlabelledRepeats: found.unlabelled.length,
    late: account.late,
    integrity: account.integrity,
    seed,
  }
  return [
    ...table.map(([name, value]) => `${name.padEnd(32)}${String(value).padStart(10)}`),
    ...problems.map((problem) => `! ${problem}`),
    JSON.stringify(last),
  ].join('\n')
}

/** One line while it runs. */
export function progressLine(at: { kills: number; seconds: number; history: History }): string {
  const { transitions, untold } = at.history
  return `${at.kills} kills, ${at.seconds.toFixed(0)} s: ${transitions} transitions on the chain, ${untold.length} not told`
}
