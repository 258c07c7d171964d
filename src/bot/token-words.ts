import { isSolanaAddress } from '../domain/solana.ts'
import { plain } from '../views/plain.ts'
import type { ParseAddress, Parsed } from './arguments.ts'

/** Words between spaces or commas. */
export function tokenWords(text: string): string[] {
  return text.split(/[\s,;]+/).filter((word) => word !== '')
}

/** One word as the address of a token; `null` when it looks like a name instead. */
export function readTokenAddress(word: string, parseAddress: ParseAddress): Parsed<string | null> {
  if (/^0x/i.test(word)) {
    const parsed = parseAddress(word)
    if (parsed.ok) return { ok: true, value: parsed.address }
    return wrong(
      parsed.why === 'checksum'
        ? `The capital letters of ${plain(word, 42)} do not fit its digits (checksum): one of them is mistyped.`
        : `I read “${plain(word)}”; an address on Monad is 0x and 40 digits.`,
    )
  }
  if (isSolanaAddress(word)) return { ok: true, value: word }
  // So long a word of letters and digits was meant as one: one sign too many or too few, or a 0, O, I or l.
  if (/^[0-9A-Za-z]{28,}$/.test(word)) {
    return wrong(`I read “${plain(word, 48)}”; a mint on Solana is base58 of 32 bytes, and this is not.`)
  }
  return { ok: true, value: null }
}

function wrong(error: string): { ok: false; error: string } {
  return { ok: false, error: `${error} Nothing was changed.` }
}
