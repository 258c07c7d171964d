import type { ImportOutcome, KeptThreshold, Tally } from '../../db/import-users.ts'
import { shortAddress } from '../domain/address.ts'
import { WAD } from '../domain/units.ts'
import { named } from './printable.ts'
import type { Problem } from './problem.ts'

export interface ImportReport {
  readonly kind: 'JSON' | 'SQLite'
  readonly dryRun: boolean
  readonly outcome: ImportOutcome
  readonly problems: readonly Problem[]
}

/** What was (or would be) imported, for a person: figures, then what Buoy kept, then what the file has wrong. */
export function reportText(report: ImportReport): string {
  const { outcome, problems } = report
  const { chats, wallets, thresholds, kept } = outcome
  const blocks = [
    [
      headline(report),
      `Chats:      ${tally(chats)}`,
      `Wallets:    ${tally(wallets)}`,
      `Thresholds: ${tally(thresholds)}, ${kept.length} kept`,
    ],
    kept.length > 0
      ? [
          'Kept: Buoy has another threshold, and that one stays.',
          ...kept.map((each) => `  ${keptLine(each)}`),
        ]
      : [],
    problems.length > 0
      ? [
          `Not right in the file: ${problems.length}.`,
          ...problems.map(({ where, what }) => `  ${where.join(', ')}: ${what}`),
        ]
      : [],
  ]
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n')
}

function headline({ kind, dryRun, outcome }: ImportReport): string {
  const { chats, wallets, thresholds } = outcome
  const read = `Read as ${kind}.`
  if (chats.added + chats.present === 0) return `${read} There is nobody in it who could be imported.`
  if (chats.added + wallets.added + thresholds.added === 0) {
    return `${read} Nothing ${dryRun ? 'would change' : 'changed'}: Buoy has all of it already.`
  }
  return dryRun ? `${read} Dry run: nothing was changed. An import would do this:` : `${read} Imported:`
}

function tally({ added, present }: Tally): string {
  return `${added} new, ${present} already there`
}

function keptLine({ chatId, owner, scope, target, storedWad, fileWad }: KeptThreshold): string {
  const where = [`chat ${chatId}`, shortAddress(owner), ...placeOf(scope, target)]
  return `${where.join(', ')}: Buoy has ${decimal(storedWad)}, the file ${decimal(fileWad)}`
}

function placeOf(scope: KeptThreshold['scope'], target: string): string[] {
  if (scope === 'wallet') return ['whole wallet']
  const [protocol = '', market = ''] = target.split(':')
  return scope === 'protocol' ? [protocol] : [protocol, `market ${named(market)}`]
}

function decimal(wad: bigint): string {
  const fraction = (wad % WAD).toString().padStart(18, '0').replace(/0+$/, '')
  return fraction === '' ? `${wad / WAD}` : `${wad / WAD}.${fraction}`
}
