export type Arguments =
  | { readonly kind: 'import'; readonly file: string; readonly dryRun: boolean }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly why: string }

export const USAGE = `Takes over the users of an earlier lending bot: chats, wallets and thresholds.

  npm run import-users -- <file> [--dry-run]

  <file>     its user file: JSON, or SQLite with a table user_data. It is only read.
  --dry-run  says what would change and changes nothing.

Goes into the database that BUOY_DATABASE_URL names. What Buoy has already stays as it is, so the
same file can be imported again. Buoy may be running meanwhile.

Exit code: 0 all was good, 2 a part of the file was not (the rest is imported), 1 nothing could be
read, 78 a setting or an argument is wrong.
`

export function readArguments(words: readonly string[]): Arguments {
  if (words.includes('--help') || words.includes('-h')) return { kind: 'help' }
  const unknown = words.find((word) => word.startsWith('-') && word !== '--dry-run')
  if (unknown !== undefined) return { kind: 'wrong', why: `There is no option ${unknown}.` }
  const [file, ...more] = words.filter((word) => word !== '--dry-run')
  if (file === undefined) return { kind: 'wrong', why: 'No file is named.' }
  if (more.length > 0) return { kind: 'wrong', why: 'Only one file can be imported at a time.' }
  return { kind: 'import', file, dryRun: words.includes('--dry-run') }
}
