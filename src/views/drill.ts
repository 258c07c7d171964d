import { FormattedString } from '@grammyjs/parse-mode'
import type { DrillReport } from '../domain/drill.ts'
import { clockText, durationText } from './numbers.ts'
import { lines, type View, view } from './view.ts'

const REPORT = [[{ text: 'How did it go', data: 'drillreport' }]]

/** The answer to `/drill`: what happens now. */
export function drillStartedView(): View {
  return view(
    lines([
      FormattedString.b('DRILL · in about ten seconds a loan falls that does not exist'),
      'It goes the whole way of a real one: read, decided, looked at twice, stored, sent. Every message says DRILL.',
      'Put your phone away as at night. When it rings, press Seen: I tell you how long each step took.',
      'No sound? Allow this chat to ring, also in your phone’s night mode.',
    ]),
    REPORT,
  )
}

export function drillRunningView(): View {
  return view(new FormattedString('A drill is running here already.'), REPORT)
}

export function drillTooSoonView(againAtMs: number): View {
  return view(
    new FormattedString(`One drill in ten minutes, please; the next one from ${clockText(againAtMs)}.`),
    REPORT,
  )
}

/** How fast each step was, as far as it came. */
export function drillReportView(report: DrillReport | null): View {
  if (report === null) return view(new FormattedString('No drill here so far. /drill begins one.'))
  const { fellAtMs, detectedAtMs, sentAtMs, tappedAtMs } = report
  return view(
    lines([
      FormattedString.b('DRILL · how it went'),
      `The loan fell at ${clockText(fellAtMs)}.`,
      detectedAtMs === null
        ? 'Not noticed yet. It takes one round of reading.'
        : `Noticed and stored after ${durationText(detectedAtMs - fellAtMs)}.`,
      detectedAtMs === null
        ? null
        : sentAtMs === null
          ? 'Not sent yet.'
          : `Telegram had it ${durationText(sentAtMs - detectedAtMs)} later, the second look included.`,
      sentAtMs === null
        ? null
        : tappedAtMs === null
          ? 'Nobody has pressed Seen yet.'
          : `Somebody pressed Seen ${durationText(tappedAtMs - sentAtMs)} after that.`,
    ]),
    detectedAtMs !== null && tappedAtMs !== null ? [] : REPORT,
  )
}
