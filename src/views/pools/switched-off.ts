import { lines, type View, view } from '../view.ts'

/** An operator may run Buoy without looking for opportunities. */
export function poolsOffView(): View {
  return view(lines(['Pool opportunities are switched off on this bot. Your loans are watched as ever.']))
}

/** For the operator: what `/poolpause` and `/poolresume` did. */
export function poolsPausedView(paused: boolean): View {
  return view(
    lines([
      paused
        ? '⏸ Pool alerts are paused for everybody, also after a restart. What is queued already still goes out; alerts about loans go on. /poolresume ends it.'
        : '▶️ Pool alerts go out again.',
    ]),
  )
}
