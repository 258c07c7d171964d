/** Controls, line breaks, zero-width and direction marks: what lets a token's name disguise the rest of a message. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}]/gu
/** Accents stacked into towers. */
const STACKED_MARKS = /(\p{M}{2})\p{M}+/gu
const MAX_LENGTH = 32
/** One character of some scripts may be built of any number of signs. */
const MAX_UNITS_PER_CHARACTER = 16

/** A name chosen by a stranger as one harmless piece of text: no line breaks, no hidden marks, at most 32 characters. */
export function plain(text: string, maxLength = MAX_LENGTH): string {
  const flat = text.replace(UNSAFE, ' ').replace(STACKED_MARKS, '$1').replace(/\s+/g, ' ').trim()
  const characters = segments(flat).map(bounded)
  if (characters.length <= maxLength) return characters.join('')
  return `${characters.slice(0, maxLength - 1).join('')}…`
}

/** As `plain`, and at most four UTF-16 units long for every character allowed: for where a message has little room. */
export function compact(text: string, maxLength: number): string {
  const whole = plain(text, maxLength)
  return whole.length <= maxLength * 4 ? whole : plain(text, Math.floor(maxLength / 4))
}

function bounded(character: string): string {
  if (character.length <= MAX_UNITS_PER_CHARACTER) return character
  let kept = ''
  for (const sign of character) {
    if (kept.length + sign.length > MAX_UNITS_PER_CHARACTER) break
    kept += sign
  }
  return kept
}

/** What a person counts as characters. */
export function segments(text: string): string[] {
  return Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment)
}
