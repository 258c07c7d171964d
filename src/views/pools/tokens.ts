import { FormattedString, fmt } from '@grammyjs/parse-mode'
import { shortAddress } from '../../domain/address.ts'
import type { FoundToken } from '../../domain/pools/desk.ts'
import type { PoolRules } from '../../domain/pools/rules.ts'
import { compact, plain } from '../plain.ts'
import { type Button, lines, nearestPage, pageButtons, type View, view } from '../view.ts'

export interface ShownToken {
  readonly address: string
  /** Chosen by strangers; empty when not known. */
  readonly symbol: string
}

const ROWS = 10
const MAX_SYMBOL = 12

export interface TokensFacts {
  readonly tokens: readonly ShownToken[]
  readonly rules: Pick<PoolRules, 'sides' | 'quotes'>
  readonly most: number
  readonly page: number
  /** What was just done; `null` when nothing was. */
  readonly done: string | null
  /** Takes back what was done. */
  readonly undo?: Button | undefined
}

/** A name for a button or a line: the symbol, or the address cut short where there is none. */
export function tokenName({ symbol, address }: ShownToken): string {
  return compact(symbol, MAX_SYMBOL) || shortAddress(plain(address, 64))
}

/** `/tokens`: the list, by address, because anybody may choose a symbol. */
export function tokensView(facts: TokensFacts): View {
  const { tokens, rules, most, done } = facts
  const pages = Math.ceil(tokens.length / ROWS)
  const page = nearestPage(facts.page, pages)
  const shown = tokens.slice(page * ROWS, page * ROWS + ROWS)
  const add = fmt`Add: ${FormattedString.code('/tokens add <mint or address>')}, several at once if you like.`
  const undo = facts.undo ? [[facts.undo]] : []
  if (tokens.length === 0) {
    return view(lines([done, 'No tokens on your list: any token will do.', add]), [...undo, FOOT])
  }
  return view(
    lines([
      done,
      FormattedString.b(`Tokens you want to hear of: ${tokens.length} of at most ${most}`),
      ...shown.map(
        (token, index) =>
          fmt`${page * ROWS + index + 1}. ${tokenName(token)} ${FormattedString.code(plain(token.address, 64) || '?')}`,
      ),
      '',
      sidesText(rules),
      add,
    ]),
    [
      ...undo,
      ...pairs(
        shown.map((token, index) => ({
          text: `✕ ${page * ROWS + index + 1}. ${tokenName(token)}`,
          data: `tok:remove ${token.address}`,
        })),
      ),
      ...pageButtons({ page, pages }, (to) => `tok:page ${to}`),
      [
        { text: tick(rules.sides === 'both', 'Both sides'), data: 'tok:both' },
        { text: tick(rules.sides === 'any', 'Any side'), data: 'tok:any' },
        { text: 'Quote tokens', data: 'tok:quote' },
      ],
      [{ text: 'Clear the list', data: 'tok:clear' }, ...FOOT],
    ],
  )
}

const FOOT: readonly Button[] = [
  { text: 'Alerts', data: 'poolalerts' },
  { text: 'All now', data: 'pools' },
]

export function sidesText({ sides, quotes }: Pick<PoolRules, 'sides' | 'quotes'>): string {
  if (sides === 'any') return 'Any side: a pool counts when one of its tokens is on your list.'
  const others =
    quotes.length === 0 ? 'there are none' : `there ${quotes.length === 1 ? 'is 1' : `are ${quotes.length}`}`
  return `Both sides: a pool counts when each token is on your list, or is a quote token (${others}) beside one of them.`
}

/** Asks before a list that took work to make is gone. */
export function clearTokensView(count: number): View {
  return view(
    lines([
      `Take ${count === 1 ? 'the token' : `all ${count} tokens`} off your list? Any token will do then.`,
    ]),
    [
      [
        { text: 'Yes, clear it', data: 'tok:clear yes' },
        { text: 'Keep it', data: 'tok:page 0' },
      ],
    ],
  )
}

/** What may stand on the other side. */
export function quotesView(quotes: readonly ShownToken[], done: string | null): View {
  return view(
    lines([
      done,
      FormattedString.b(`Quote tokens: ${quotes.length}`),
      ...quotes.map(
        (token, index) =>
          fmt`${index + 1}. ${tokenName(token)} ${FormattedString.code(plain(token.address, 64) || '?')}`,
      ),
      '',
      'With “both sides” they may be the other half of a pool with a token of your list.',
      fmt`Add: ${FormattedString.code('/tokens quote add <mint or address>')}`,
    ]),
    [
      ...pairs(
        quotes.map((token, index) => ({
          text: `✕ ${index + 1}. ${tokenName(token)}`,
          data: `tok:quote rm ${token.address}`,
        })),
      ),
      [
        { text: 'As usual', data: 'tok:quote reset' },
        { text: '‹ Tokens', data: 'tok:page 0' },
      ],
    ],
  )
}

const CHOOSE = { list: 'tok:add ', quotes: 'tok:quote add ', pools: 'pooltoken:' } as const

/** Tokens that are called like what was typed: a person chooses by address, never the bot by name. */
export function chooseTokenView(
  typed: string,
  { found, to }: { found: readonly FoundToken[]; to: keyof typeof CHOOSE },
): View {
  return view(
    lines([
      `“${plain(typed)}” is a name, and anybody may choose a name. Which one do you mean?`,
      ...found.map(
        (token, index) =>
          fmt`${index + 1}. ${token.verified === true ? '✅' : '❗'} ${tokenName(token)} ${FormattedString.code(plain(token.address, 64) || '?')} · in ${token.count}`,
      ),
      '✅ the source vouches for it, ❗ nobody does.',
    ]),
    pairs(
      found.map((token, index) => ({
        text: `${index + 1}. ${tokenName(token)}`,
        data: `${CHOOSE[to]}${token.address}`,
      })),
    ),
  )
}

function pairs(buttons: readonly Button[]): Button[][] {
  const rows: Button[][] = []
  for (let start = 0; start < buttons.length; start += 2) rows.push(buttons.slice(start, start + 2))
  return rows
}

function tick(chosen: boolean, text: string): string {
  return chosen ? `✓ ${text}` : text
}
