import { FormattedString } from '@grammyjs/parse-mode'

/** A button under a message: `data` comes back to the bot, `url` opens a page. */
export type Button =
  | { readonly text: string; readonly data: string }
  | { readonly text: string; readonly url: string }

/** A message ready to send. Formatting is in entities, so no name in it can break or forge it. */
export interface View {
  readonly body: FormattedString
  readonly buttons: readonly (readonly Button[])[]
}

/** Telegram's limit is 4,096 UTF-16 units. */
const MAX_UNITS = 4000

export function view(body: FormattedString, buttons: View['buttons'] = []): View {
  return { body, buttons }
}

/** Lines of a message; empty ones (`''`) stay as a gap, `null` ones are left out. */
export function lines(items: readonly (FormattedString | string | null)[]): FormattedString {
  const kept = items
    .filter((item) => item !== null)
    .map((item) => (typeof item === 'string' ? new FormattedString(item) : item))
  return FormattedString.join(kept, '\n')
}

/** Blocks spread over messages so that each fits; a block that is too long by itself gets a page of its own. */
export function paged(blocks: readonly FormattedString[], reserved: number): FormattedString[][] {
  const pages: FormattedString[][] = []
  let units = Number.POSITIVE_INFINITY
  for (const block of blocks) {
    units += block.text.length + 2
    if (units > MAX_UNITS) {
      pages.push([])
      units = reserved + block.text.length + 2
    }
    pages.at(-1)?.push(block)
  }
  return pages
}

/** Buttons to the pages before and after, when there are any. Pages count from 0. */
export function pageButtons(at: { page: number; pages: number }, data: (page: number) => string): Button[][] {
  if (at.pages < 2) return []
  return [
    [
      ...(at.page > 0 ? [{ text: `‹ ${at.page}`, data: data(at.page - 1) }] : []),
      { text: `${at.page + 1} of ${at.pages}`, data: data(at.page) },
      ...(at.page < at.pages - 1 ? [{ text: `${at.page + 2} ›`, data: data(at.page + 1) }] : []),
    ],
  ]
}

/** The page asked for, or the nearest there is. */
export function nearestPage(page: number, pages: number): number {
  return Math.min(Math.max(0, Number.isSafeInteger(page) ? page : 0), Math.max(0, pages - 1))
}
