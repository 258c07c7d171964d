import type { ListedToken } from '../../../db/pool-rules.ts'
import type { PoolRules } from '../../domain/pools/rules.ts'
import { PRESET_RULES } from '../../domain/pools/rules.ts'
import { plain } from '../../views/plain.ts'
import { poolsOffView } from '../../views/pools/switched-off.ts'
import {
  chooseTokenView,
  clearTokensView,
  quotesView,
  sidesText,
  tokenName,
  tokensView,
} from '../../views/pools/tokens.ts'
import { usageView } from '../../views/usage.ts'
import type { Button, View } from '../../views/view.ts'
import type { Command, CommandDeps, CommandRequest } from '../command.ts'
import { readTokenAddress, tokenWords } from '../token-words.ts'

const EXAMPLE = '/tokens add So11111111111111111111111111111111111111112'
const QUOTE_EXAMPLE = '/tokens quote add EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v'
const KNOWN = 'add, remove, clear, both, any and quote'
const MAX_QUOTES = 10

interface Asked {
  readonly request: CommandRequest
  /** What follows the word that says what to do. */
  readonly words: readonly string[]
}

interface Said {
  readonly page?: number
  readonly done?: string
  readonly undo?: Button
}

type Action = (deps: CommandDeps, asked: Asked) => Promise<View>

const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['page', (deps, { request, words }) => list(deps, { request, said: { page: Number(words[0]) } })],
  ['add', add],
  ['remove', remove],
  ['rm', remove],
  ['clear', clear],
  ['both', (deps, { request }) => setSides(deps, { request, sides: 'both' })],
  ['any', (deps, { request }) => setSides(deps, { request, sides: 'any' })],
  ['quote', quote],
  ['quotes', quote],
])

/** `/tokens`, and every button of its menu: the tokens this chat wants to hear of. */
export function tokensCommand(deps: CommandDeps): Command {
  return async (request) => {
    if (!deps.pools) return poolsOffView()
    const words = tokenWords(request.text)
    const [first, ...rest] = words
    if (first === undefined) return list(deps, { request, said: {} })
    const action = ACTIONS.get(first.toLowerCase())
    if (action) return action(deps, { request, words: rest })
    const parsed = readTokenAddress(first, deps.parseAddress)
    if (!parsed.ok) return usageView(parsed.error, EXAMPLE)
    if (parsed.value !== null) return add(deps, { request, words })
    return usageView(`I read “${plain(first)}”; I know ${KNOWN}. Nothing was changed.`, EXAMPLE)
  }
}

/** Button `tokens`: the list in a message of its own. */
export function tokensButton(deps: CommandDeps): Command {
  return (request) => tokensCommand(deps)({ ...request, text: '' })
}

/** Whether these words only show something. */
export function showsTokens(text: string): boolean {
  const [first, second] = tokenWords(text.toLowerCase())
  if (first === undefined || first === 'page') return true
  return (first === 'quote' || first === 'quotes' || first === 'clear') && second === undefined
}

async function list(
  { poolChoices }: CommandDeps,
  { request, said }: { request: CommandRequest; said: Said },
): Promise<View> {
  const [tokens, { rules }] = await Promise.all([
    poolChoices.tokens(request.chatId),
    poolChoices.wishes(request.chatId),
  ])
  const { page = 0, done = null, undo } = said
  return tokensView({ tokens, rules, most: poolChoices.most.tokens, page, done, undo })
}

async function add(deps: CommandDeps, { request, words }: Asked): Promise<View> {
  const read = await readTokens(deps, { words, to: 'list' })
  if ('body' in read) return read
  const added = await deps.poolChoices.addTokens(request.chatId, read)
  if (added === 'full') {
    return usageView(
      `A list has room for ${deps.poolChoices.most.tokens} tokens, and these are too many. Nothing was changed.`,
      '/tokens remove 1',
    )
  }
  const [first] = read
  const done =
    added.added === 0
      ? 'On your list already.'
      : `✅ ${added.added === 1 && read.length === 1 && first ? tokenName(first) : added.added} added.`
  const unseen = read.filter(({ symbol }) => symbol === '').length
  // A mint has no checksum: that nothing trades it is the only sign of a mistyped one.
  const doubt =
    added.added > 0 && unseen > 0
      ? ` I see no market with ${read.length === 1 ? 'it' : `${unseen} of them`} now; is the address right?`
      : ''
  // What was added last stands at the end.
  return list(deps, { request, said: { done: `${done}${doubt}`, page: Number.MAX_SAFE_INTEGER } })
}

/** All of them, or what to answer instead: with one that is wrong none is taken. */
async function readTokens(
  deps: CommandDeps,
  { words, to }: { words: readonly string[]; to: 'list' | 'quotes' },
): Promise<readonly ListedToken[] | View> {
  const { most } = deps.poolChoices
  if (words.length === 0)
    return usageView('I need the mint or address of a token. Nothing was changed.', EXAMPLE)
  if (words.length > most.tokens)
    return usageView(
      `I read ${words.length} tokens; a list has room for ${most.tokens}. Nothing was changed.`,
      EXAMPLE,
    )
  const tokens: ListedToken[] = []
  for (const word of words) {
    const parsed = readTokenAddress(word, deps.parseAddress)
    if (!parsed.ok) return usageView(parsed.error, EXAMPLE)
    const found = (await deps.pools?.findTokens(parsed.value ?? word)) ?? []
    if (parsed.value === null) {
      if (found.length > 0) return chooseTokenView(word, { found, to })
      return usageView(
        `I read “${plain(word)}”; I need the mint or address of a token. Nothing was changed.`,
        EXAMPLE,
      )
    }
    const { value } = parsed
    tokens.push({ address: value, symbol: found.find(({ address }) => address === value)?.symbol ?? '' })
  }
  return tokens
}

async function remove(deps: CommandDeps, { request, words }: Asked): Promise<View> {
  const [word, more] = words
  if (word === undefined || more !== undefined) {
    return usageView(
      'I need one token: its number on the list, its name or its address. Nothing was changed.',
      '/tokens remove 1',
    )
  }
  const tokens = await deps.poolChoices.tokens(request.chatId)
  const chosen = choose(tokens, word)
  const [token, another] = chosen
  if (!token || another) {
    const why = another ? `${chosen.length} tokens on your list are called that` : 'that is not on your list'
    return usageView(`I read “${plain(word, 48)}”; ${why}. Nothing was changed.`, '/tokens remove 1')
  }
  await deps.poolChoices.removeToken(request.chatId, token.address)
  const said = {
    done: `🗑 ${tokenName(token)} is off your list.`,
    undo: { text: 'Undo', data: `tok:add ${token.address}` },
    page: Math.floor(tokens.indexOf(token) / 10),
  }
  return list(deps, { request, said })
}

function choose(tokens: readonly ListedToken[], word: string): readonly ListedToken[] {
  const byAddress = tokens.filter(
    ({ address }) => address === word || (/^0x/i.test(word) && address === word.toLowerCase()),
  )
  if (byAddress.length > 0) return byAddress
  const bySymbol = tokens.filter(({ symbol }) => symbol !== '' && symbol.toLowerCase() === word.toLowerCase())
  if (bySymbol.length > 0) return bySymbol
  const numbered = /^\d{1,2}$/.test(word) ? tokens[Number(word) - 1] : undefined
  return numbered ? [numbered] : []
}

async function clear(deps: CommandDeps, { request, words }: Asked): Promise<View> {
  if (words[0]?.toLowerCase() === 'yes') {
    const count = await deps.poolChoices.clearTokens(request.chatId)
    return list(deps, { request, said: count > 0 ? { done: `🗑 ${count} taken off your list.` } : {} })
  }
  const { length } = await deps.poolChoices.tokens(request.chatId)
  return length === 0 ? list(deps, { request, said: {} }) : clearTokensView(length)
}

async function setSides(
  deps: CommandDeps,
  { request, sides }: { request: CommandRequest; sides: PoolRules['sides'] },
): Promise<View> {
  const { rules } = await changeRules(deps, { request, change: (before) => ({ ...before, sides }) })
  return list(deps, { request, said: { done: `✅ ${sidesText(rules)}` } })
}

async function quote(deps: CommandDeps, { request, words }: Asked): Promise<View> {
  const [what, ...rest] = words
  const now = (await deps.poolChoices.wishes(request.chatId)).rules.quotes
  const save = async (quotes: readonly string[], done: string): Promise<View> => {
    const { rules } = await changeRules(deps, { request, change: (before) => ({ ...before, quotes }) })
    return quotesView(await withSymbols(deps, rules.quotes), done)
  }
  switch (what?.toLowerCase()) {
    case undefined:
      return quotesView(await withSymbols(deps, now), null)
    case 'reset':
      return save(PRESET_RULES.balanced.quotes, '✅ The usual quote tokens: SOL, USDC and USDT.')
    case 'add': {
      const read = await readTokens(deps, { words: rest, to: 'quotes' })
      if ('body' in read) return read
      const quotes = [...new Set([...now, ...read.map(({ address }) => address)])]
      if (quotes.length > MAX_QUOTES)
        return usageView(`There is room for ${MAX_QUOTES} quote tokens. Nothing was changed.`, QUOTE_EXAMPLE)
      return save(quotes, '✅ Added.')
    }
    case 'rm':
    case 'remove': {
      const [word = ''] = rest
      const gone = /^0x/i.test(word) ? word.toLowerCase() : word
      if (!now.includes(gone)) {
        return usageView(
          `I read “${plain(word, 48)}”; that is no quote token here. Nothing was changed.`,
          QUOTE_EXAMPLE.replace('add', 'remove'),
        )
      }
      return save(
        now.filter((address) => address !== gone),
        '🗑 Removed.',
      )
    }
    default:
      return usageView(
        `I read “${plain(what ?? '')}” for the quote tokens; I know add, remove and reset. Nothing was changed.`,
        QUOTE_EXAMPLE,
      )
  }
}

async function withSymbols(deps: CommandDeps, addresses: readonly string[]) {
  return Promise.all(
    addresses.map(async (address) => {
      const found = await deps.pools?.findTokens(address)
      return { address, symbol: found?.find((token) => token.address === address)?.symbol ?? '' }
    }),
  )
}

function changeRules(
  { poolChoices }: CommandDeps,
  { request, change }: { request: CommandRequest; change: (before: PoolRules) => PoolRules },
) {
  return poolChoices.change(request, (before) => ({ ...before, rules: change(before.rules) }))
}
