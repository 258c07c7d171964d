import type { ImportedChat, ImportedThreshold } from '../../db/import-users.ts'
import { parseAddress } from '../chain/address.ts'
import { type Address, shortAddress } from '../domain/address.ts'
import type { ExactJson } from './exact-json.ts'
import { named } from './printable.ts'
import type { Problem } from './problem.ts'
import { readSettings } from './settings.ts'

export interface CollectedUsers {
  readonly chats: readonly ImportedChat[]
  readonly problems: readonly Problem[]
}

/** Gathers users out of whatever kind of file, each chat and wallet once. */
export interface Collector {
  /** Notes the chat and answers with its id; `undefined` when it has none that is usable. */
  chat(id: string): number | undefined
  /** Notes a wallet of a chat; `undefined` when the address is not usable. */
  wallet(chatId: number, address: string): Address | undefined
  settings(wallet: { chatId: number; owner: Address }, settings: ExactJson): void
  problem(where: readonly string[], what: string): void
  result(): CollectedUsers
}

const CHAT_ID = /^-?[1-9]\d{0,15}$/

/** How a chat is named in a problem. */
export function chatPlace(chatId: number): string {
  return `chat ${chatId}`
}

export function createCollector(): Collector {
  const chats = new Map<number, Map<Address, Map<string, ImportedThreshold>>>()
  const problems: Problem[] = []

  function problem(where: readonly string[], what: string): void {
    problems.push({ where, what })
  }

  function add(wallet: { chatId: number; owner: Address }, threshold: ImportedThreshold): void {
    const known = chats.get(wallet.chatId)?.get(wallet.owner)
    const key = `${threshold.scope}:${threshold.target}`
    const first = known?.get(key)
    if (!first) known?.set(key, threshold)
    else if (first.warningWad !== threshold.warningWad) {
      problem(
        [chatPlace(wallet.chatId), shortAddress(wallet.owner)],
        `the ${threshold.scope} threshold is in the file more than once with different values. The first one is used.`,
      )
    }
  }

  return {
    chat(id) {
      const number = CHAT_ID.test(id) ? Number(id) : Number.NaN
      if (!Number.isSafeInteger(number)) {
        problem(
          [`chat ${named(id)}`],
          'a chat id is a whole number other than 0. Nothing of this chat is imported.',
        )
        return undefined
      }
      if (!chats.has(number)) chats.set(number, new Map())
      return number
    },
    wallet(chatId, text) {
      const parsed = parseAddress(text)
      if (!parsed.ok) {
        const why =
          parsed.why === 'shape'
            ? 'an address is 0x and 40 digits 0-9 a-f'
            : 'its upper and lower case do not fit, so a digit may be mistyped'
        problem([chatPlace(chatId), `address ${named(text)}`], `${why}. This wallet is not imported.`)
        return undefined
      }
      const wallets = chats.get(chatId)
      if (!wallets?.has(parsed.address)) wallets?.set(parsed.address, new Map())
      return parsed.address
    },
    settings(wallet, value) {
      const read = readSettings(wallet.owner, value)
      for (const threshold of read.thresholds) add(wallet, threshold)
      for (const { where, what } of read.problems) {
        problem([chatPlace(wallet.chatId), shortAddress(wallet.owner), ...where], what)
      }
    },
    problem,
    result: () => ({
      chats: [...chats].map(([id, wallets]) => ({
        id,
        wallets: [...wallets].map(([owner, thresholds]) => ({ owner, thresholds: [...thresholds.values()] })),
      })),
      problems,
    }),
  }
}
