import type { Config } from '../config.ts'

/** A bot token anywhere in a line, also inside a URL path. */
const BOT_TOKEN = /\d{3,20}:[\w-]{20,}/g
/** An address, not a part of a longer hash. */
const ADDRESS = /\b(0x[0-9a-fA-F]{4})[0-9a-fA-F]{32}([0-9a-fA-F]{4})(?![0-9a-fA-F])/g

/** Removes secrets from a finished log line, whatever path they took into it, and shortens addresses. */
export function createScrub(secrets: readonly string[]): (line: string) => string {
  // JSON escapes a slash or quote differently at times; secrets are also matched as JSON would write them.
  const exact = [...new Set(secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]))]
    .filter((secret) => secret.length >= 6)
    .sort((a, b) => b.length - a.length)
  return (line) => {
    let clean = line
    for (const secret of exact) clean = clean.replaceAll(secret, '[secret]')
    return clean.replace(BOT_TOKEN, '[token]').replace(ADDRESS, '$1…$2')
  }
}

/** The parts of an RPC address that may hold a key: the whole of it, its path and its query. */
export function secretsOfUrl(url: string): string[] {
  const { pathname, search, username, password } = new URL(url)
  const path = pathname.replace(/^\/+|\/+$/g, '')
  const segments = path.split('/').filter((segment) => segment.length >= 12)
  const values = [...new URLSearchParams(search).values()]
  return [...(path === '' && search === '' ? [] : [url]), ...segments, ...values, username, password].filter(
    (secret) => secret !== '',
  )
}

/** Every value out of the settings that is marked as secret, and every part of one that could be used without the rest. */
export function secretsOfConfig({ telegram, chain, protocols, database, heartbeatUrl }: Config): string[] {
  const urls = [
    ...chain.endpoints.map(({ url }) => url),
    protocols.euler?.subgraphUrl ?? null,
    protocols.euler?.pythUrl ?? null,
    heartbeatUrl,
  ].filter((url) => url !== null)
  return [
    telegram.token,
    ...urls.flatMap(secretsOfUrl),
    ...(database.kind === 'postgres' ? secretsOfDatabase(database.url) : []),
  ]
}

/** The whole and its password, but not the user: `postgres` is a word that logs need. */
function secretsOfDatabase(url: string): string[] {
  const { password, searchParams } = new URL(url)
  const passwords = [password, plain(password), searchParams.get('password') ?? '']
  return [url, ...passwords].filter((secret) => secret !== '')
}

/** As it was before it was written into an address. */
function plain(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
