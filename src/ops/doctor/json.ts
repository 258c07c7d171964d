import { anyBad, type Finding } from '../../domain/finding.ts'

/** The findings for a program: `ok`, then every check with `mark`, `what`, `detail`, `change`. */
export function doctorJson(findings: readonly Finding[]): string {
  return `${JSON.stringify({ ok: !anyBad(findings), checks: findings }, null, 2)}\n`
}
