import type { Finding } from '../domain/finding.ts'

const DOUBTFUL_MS = 5_000
const BAD_MS = 30_000

/** This clock against another one; `aheadMs` is negative when this one is behind. */
export function clockFinding(other: string, aheadMs: number): Finding {
  const apartMs = Math.abs(aheadMs)
  const mark = apartMs > BAD_MS ? 'bad' : apartMs > DOUBTFUL_MS ? 'doubtful' : 'good'
  const seconds = (apartMs / 1000).toFixed(1)
  return {
    mark,
    what: `Clock against ${other}`,
    detail: `${seconds} s ${aheadMs < 0 ? 'behind' : 'ahead'}`,
    change: mark === 'good' ? null : 'Set the clock of this machine by NTP (timedatectl set-ntp true)',
  }
}
