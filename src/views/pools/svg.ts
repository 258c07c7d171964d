/** What the picture's font surely has: Latin with accents, digits and signs. Symbols of tokens are chosen by strangers. */
const OUTSIDE_LATIN = /[^\u0020-\u007e\u00a1-\u024f\u2013\u2014\u2026\u20ac]/gu
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

export type Attributes = Readonly<Record<string, string | number>>

/** One line of text that can be drawn in so many widths of a font's size: what the font lacks becomes a question mark. */
export function drawable(text: string, mostEms: number): string {
  const flat = text.replace(/\s+/gu, ' ').replace(OUTSIDE_LATIN, '?').trim()
  let ems = 0
  let kept = ''
  for (const sign of flat) {
    ems += widthOf(sign)
    if (ems > mostEms) return `${kept.trimEnd()}…`
    kept += sign
  }
  return kept
}

/** Roughly, and rather too much than too little, in parts of the font's size: DejaVu Sans Bold. */
function widthOf(sign: string): number {
  if ('WM@%—Æ'.includes(sign)) return 1.12
  if ('ijlI.,:;!| '.includes(sign)) return 0.4
  return sign === sign.toUpperCase() && sign !== sign.toLowerCase() ? 0.84 : 0.72
}

/** An element; its text is escaped, its `children` are markup already. */
export function element(name: string, what: { at: Attributes; text?: string; children?: string }): string {
  const attributes = Object.entries(what.at)
    .map(([key, value]) => ` ${key}="${escaped(typeof value === 'number' ? short(value) : value)}"`)
    .join('')
  const inside = what.text === undefined ? (what.children ?? '') : escaped(what.text)
  return inside === '' ? `<${name}${attributes}/>` : `<${name}${attributes}>${inside}</${name}>`
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? '')
}

/** A coordinate with a tenth of a pixel. */
export function short(value: number): string {
  return (Math.round(value * 10) / 10).toString()
}
