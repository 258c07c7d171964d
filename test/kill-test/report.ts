import type { Account } from './ledger.ts'
import type { Repeats } from './repeats.ts'
import type { Kill } from './rounds.ts'

export interface Result {
  readonly seed: number
  readonly kills: readonly Kill[]
  readonly positions: number
  readonly messages: number
  readonly account: Account
  readonly found: Repeats
  /** Loans under a line that no message told of, by the contracts and the messages alone. */
  readonly silent: readonly string[]
  readonly seconds: number
}

/** Most that is listed of anything that went wrong. */
const MAX_LISTED = 40

function lostIn({ account, silent }: Result): number {
  return account.lost.length + silent.length
}

/** Whether the promises were kept. */
export function isGreen(result: Result): boolean {
  return lostIn(result) === 0 && result.found.unlabelled.length === 0 && result.account.integrity === 'ok'
}

/** A table for people, then one line of JSON for machines. */
export function reportText(result: Result): string {
  const { account, found, kills, silent } = result
  const at = (moment: Kill['moment']): number => kills.filter((kill) => kill.moment === moment).length
  const table = [
    ['seed', result.seed],
    ['kills', kills.length],
    ['  after a price move', at('after-move')],
    ['  after a send began', at('during-sends')],
    ['  during start-up', at('start-up')],
    ['  with a send open', kills.filter(({ insideSend }) => insideSend).length],
    ['positions', result.positions],
    ['transitions', account.transitions],
    ['delivered', account.delivered],
    ['  told by a newer message', account.merged],
    ['unreachable', account.unreachable],
    ['messages that arrived', result.messages],
    ['lost by the database', account.lost.length],
    ['untold by the contracts', silent.length],
    ['repeats', found.repeats],
    ['  unlabelled', found.unlabelled.length],
    ['later than 60 s', account.late],
    ['integrity_check', account.integrity],
    ['seconds', Math.round(result.seconds)],
  ] as const
  const problems = [...account.lost, ...silent, ...found.unlabelled].slice(0, MAX_LISTED)
  const last = {
    kills: kills.length,
    transitions: account.transitions,
    delivered: account.delivered,
    lost: lostIn(result),
    repeats: found.repeats,
    unlabelledRepeats: found.unlabelled.length,
    late: account.late,
    integrity: account.integrity,
    seed: result.seed,
  }
  return [
    ...table.map(([name, value]) => `${name.padEnd(28)}${String(value).padStart(10)}`),
    ...problems.map((problem) => `! ${problem}`),
    JSON.stringify(last),
    '',
  ].join('\n')
}
