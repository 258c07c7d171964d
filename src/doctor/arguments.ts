export type Arguments =
  | { readonly kind: 'examine'; readonly json: boolean }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly why: string }

export const USAGE = `Checks everything that Buoy needs, and says what to change where something is wrong.

  npm run doctor [-- --json]

  --json  the same as one JSON document.

Reads the same settings as Buoy, which may be running meanwhile: nothing is sent, written or taken
from Telegram.

Exit code: 0 nothing is bad, 1 something is, 64 an argument is wrong, 78 a setting is wrong.
`

export function readArguments(words: readonly string[]): Arguments {
  if (words.includes('--help') || words.includes('-h')) return { kind: 'help' }
  const unknown = words.find((word) => word !== '--json')
  if (unknown !== undefined) return { kind: 'wrong', why: `There is no argument ${unknown}; see --help.` }
  return { kind: 'examine', json: words.includes('--json') }
}
