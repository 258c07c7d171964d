import type { Config } from '../config.ts'
import type { Finding } from '../domain/finding.ts'
import { createScrub, secretsOfUrl } from '../ops/scrub.ts'

/** What must never be shown: token, RPC addresses with keys, the database's password. */
export function secretsOf({ telegram, chain, database }: Config): string[] {
  return [
    telegram.token,
    ...chain.endpoints.flatMap(({ url }) => secretsOfUrl(url)),
    ...(database.kind === 'postgres' ? [database.url, ...passwordsOf(database.url)] : []),
  ]
}

/** A second net under checks that name hosts only; addresses are shortened as in the log. */
export function withoutSecrets(findings: readonly Finding[], config: Config): Finding[] {
  const scrub = createScrub(secretsOf(config))
  return findings.map(({ mark, what, detail, change }) => ({
    mark,
    what: scrub(what),
    detail: scrub(detail),
    change: change === null ? null : scrub(change),
  }))
}

function passwordsOf(url: string): string[] {
  const { password } = new URL(url)
  try {
    return [password, decodeURIComponent(password)]
  } catch {
    return [password]
  }
}
