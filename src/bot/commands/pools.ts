import { FormattedString } from '@grammyjs/parse-mode'
import type { PoolDesk } from '../../domain/pools/desk.ts'
import { opportunityKey } from '../../domain/pools/opportunity.ts'
import type { Ranked } from '../../domain/pools/tell.ts'
import { plain } from '../../views/plain.ts'
import { chartCaptionView, poolsView } from '../../views/pools/list.ts'
import { poolsOffView } from '../../views/pools/switched-off.ts'
import { chooseTokenView } from '../../views/pools/tokens.ts'
import { usageView } from '../../views/usage.ts'
import { type View, view } from '../../views/view.ts'
import type { Command, CommandDeps, Reply } from '../command.ts'
import { markOf } from '../place.ts'
import { readTokenAddress, tokenWords } from '../token-words.ts'

const EXAMPLE = '/pools So11111111111111111111111111111111111111112'
const MOST_NAMED = 10
const EXPIRED = 'I no longer know which tokens this list was about. Send /pools with them again.'

interface Showing {
  readonly desk: PoolDesk
  readonly chatId: number
  readonly page: number
  /** Empty = the chat's own list. */
  readonly tokens: readonly string[]
}

/** `/pools [tokens]`: what earns most now, for this chat's rules and tokens or for those named. */
export function poolsCommand(deps: CommandDeps): Command {
  return ({ chatId, text }) => {
    const desk = deps.pools
    if (!desk) return Promise.resolve(poolsOffView())
    return Promise.resolve(async () => {
      const words = tokenWords(text)
      if (words.length > MOST_NAMED)
        return usageView(
          `I read ${words.length} tokens; name at most ${MOST_NAMED}, or put them on /tokens.`,
          EXAMPLE,
        )
      const named = await namedTokens(deps, { desk, chatId, words })
      return 'body' in named ? named : show(deps, { desk, chatId, page: 0, tokens: named })
    })
  }
}

/** Button `pools`: the chat's own list, in a message of its own. */
export function poolsButton(deps: CommandDeps): Command {
  return (request) => poolsCommand(deps)({ ...request, text: '' })
}

/** Button `pooltoken:<address>`: one of several tokens with the same name. */
export function poolTokenButton(deps: CommandDeps): Command {
  return poolsCommand(deps)
}

/** Button `poolpage:<page>[:<mark of the tokens>]`. */
export function poolPageButton(deps: CommandDeps): Command {
  return ({ chatId, text }) => {
    const desk = deps.pools
    if (!desk) return Promise.resolve(poolsOffView())
    const [page, filter] = text.split(':')
    const tokens = tokensBehind(deps, filter)
    if (!tokens) return Promise.resolve(view(new FormattedString(EXPIRED)))
    return Promise.resolve(() => show(deps, { desk, chatId, page: Number(page), tokens }))
  }
}

/** Button `poolchart:<mark of the pool>[:<mark of the tokens>]`: how its yield went, as a picture with the numbers under it. */
export function poolChartButton(deps: CommandDeps): Command {
  return ({ chatId, text }) => {
    const desk = deps.pools
    if (!desk) return Promise.resolve(poolsOffView())
    const [mark, filter] = text.split(':')
    const tokens = tokensBehind(deps, filter)
    if (!tokens) return Promise.resolve(view(new FormattedString(EXPIRED)))
    return Promise.resolve(async (): Promise<Reply> => {
      const { rows, ageMs } = await desk.best(chatId, asked(tokens))
      const ranked = rows.find((row) => rowMark(row) === mark)
      if (!ranked) {
        return view(new FormattedString('This one is no longer among what matches. /pools shows what does.'))
      }
      const photo = await desk.chartOf(opportunityKey(ranked.opportunity))
      const caption = chartCaptionView(ranked, { ageMs, drawn: photo !== null })
      return photo === null ? caption : { ...caption, photo }
    })
  }
}

async function show(deps: CommandDeps, { desk, chatId, page, tokens }: Showing): Promise<View> {
  const best = await desk.best(chatId, asked(tokens))
  return poolsView({
    ...best,
    page,
    named: tokens.length,
    filter: tokens.length === 0 ? '' : deps.poolFilters.keep(tokens),
    markOf: rowMark,
  })
}

function asked(tokens: readonly string[]): { tokens?: readonly string[] } {
  return tokens.length === 0 ? {} : { tokens }
}

function rowMark({ opportunity }: Ranked): string {
  return markOf(opportunityKey(opportunity))
}

function tokensBehind(deps: CommandDeps, filter: string | undefined): readonly string[] | undefined {
  return filter === undefined || filter === '' ? [] : deps.poolFilters.find(filter)
}

/** The addresses meant by these words, or what to answer instead: a name that several tokens have is asked back. */
async function namedTokens(
  deps: CommandDeps,
  { desk, chatId, words }: { desk: PoolDesk; chatId: number; words: readonly string[] },
): Promise<readonly string[] | View> {
  const own = words.length === 0 ? [] : await deps.poolChoices.tokens(chatId)
  const tokens = new Set<string>()
  for (const word of words) {
    const parsed = readTokenAddress(word, deps.parseAddress)
    if (!parsed.ok) return usageView(parsed.error, EXAMPLE)
    if (parsed.value !== null) {
      tokens.add(parsed.value)
      continue
    }
    const listed = own.filter(({ symbol }) => symbol.toLowerCase() === word.toLowerCase())
    const [mine, another] = listed
    if (mine && !another) {
      tokens.add(mine.address)
      continue
    }
    const found = await desk.findTokens(word)
    const [only, ...others] = found
    const vouched = found.filter(({ verified }) => verified === true)
    const [sure] = vouched
    if (sure && vouched.length === 1) tokens.add(sure.address)
    else if (only && others.length === 0) tokens.add(only.address)
    else if (only) return chooseTokenView(word, { found, to: 'pools' })
    else
      return usageView(
        `I read “${plain(word)}”; I know no token of this name or address. Nothing was looked up.`,
        EXAMPLE,
      )
  }
  return [...tokens]
}
