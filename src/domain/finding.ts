/** `good`: nothing to do. `doubtful`: works, but look at it. `bad`: Buoy cannot do its work, or not all of it. */
export type Mark = 'good' | 'doubtful' | 'bad'

/** What one check of the operator's self-check found. */
export interface Finding {
  readonly mark: Mark
  readonly what: string
  readonly detail: string
  /** What the operator should change or look at; `null` when nothing, or when `detail` says it. */
  readonly change: string | null
}

const URGENCY: readonly Mark[] = ['bad', 'doubtful', 'good']

/** What needs attention first; otherwise in their order. */
export function worstFirst(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => URGENCY.indexOf(a.mark) - URGENCY.indexOf(b.mark))
}

/** `12 checks: 10 good, 1 doubtful, 1 bad.` */
export function summaryOf(findings: readonly Finding[]): string {
  const count = (mark: Mark): number => findings.filter((finding) => finding.mark === mark).length
  return `${findings.length} checks: ${count('good')} good, ${count('doubtful')} doubtful, ${count('bad')} bad.`
}

/** Whether the process should say that something is wrong. */
export function anyBad(findings: readonly Finding[]): boolean {
  return findings.some(({ mark }) => mark === 'bad')
}
