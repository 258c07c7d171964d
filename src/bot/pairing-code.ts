/** Without what is easily mistaken for something else: 0 and O, 1 and I and L. 31 signs. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ'
const LENGTH = 8

/** A one-time code. `random` answers with a whole number under the one given, from a source nobody can foresee. */
export function createPairingCode(random: (below: number) => number): string {
  return Array.from({ length: LENGTH }, () => ALPHABET.charAt(random(ALPHABET.length))).join('')
}

export function isCode(text: string): boolean {
  return text.length === LENGTH && Array.from(text).every((sign) => ALPHABET.includes(sign))
}

export interface PairTries {
  mayTry(chatId: number): boolean
  /** Counts a wrong code. */
  wrong(chatId: number): void
}

const HOUR_MS = 3_600_000
const MAX_WRONG = 5
/** Forgotten after an hour anyway; this only bounds a flood of strangers. */
const MAX_CHATS = 10_000

/** At most five wrong codes per chat and hour. */
export function createPairTries({ now }: { now: () => number }): PairTries {
  const chats = new Map<number, number[]>()
  const recent = (chatId: number): number[] =>
    (chats.get(chatId) ?? []).filter((atMs) => atMs > now() - HOUR_MS)
  return {
    mayTry: (chatId) => recent(chatId).length < MAX_WRONG,
    wrong(chatId) {
      const tries = [...recent(chatId), now()]
      chats.delete(chatId)
      const [oldest] = chats.keys()
      if (chats.size >= MAX_CHATS && oldest !== undefined) chats.delete(oldest)
      chats.set(chatId, tries)
    },
  }
}
