const WINDOW_MS = 10 * 60_000
const MOVE_PERCENT = 1n
const MAX_POSITIONS = 10_000

export interface Calm {
  /** A position with debt was read. `healthWad`: 1e18 = 1.0. */
  observe(key: string, healthWad: bigint): void
  /**
   * No position's health moved by more than 1 % between any two looks of the last ten minutes. Not calm when no position was looked
   * at twice in that time: then nobody knows.
   */
  isCalm(): boolean
}

/** Whether markets stand still, told from the positions that are read anyway. */
export function createCalm({ now }: { now: () => number }): Calm {
  // Least recently looked at first. A fall in small steps is a move too, so looks are compared with one from up to ten minutes ago.
  const looks = new Map<
    string,
    { readonly lookedAtMs: number; readonly sinceWad: bigint; readonly sinceMs: number }
  >()
  let comparedAtMs: number | undefined
  let movedAtMs: number | undefined

  function recent(atMs: number | undefined): boolean {
    return atMs !== undefined && now() - atMs < WINDOW_MS
  }

  /** Whether there is room for one more: more positions than fit are a sample, not a queue that forgets before the second look. */
  function hasRoom(): boolean {
    if (looks.size < MAX_POSITIONS) return true
    const [oldest] = looks
    if (!oldest || recent(oldest[1].lookedAtMs)) return false
    looks.delete(oldest[0])
    return true
  }

  return {
    observe(key, healthWad) {
      const before = looks.get(key)
      if (!before && !hasRoom()) return
      const lookedAtMs = now()
      const moved = before !== undefined && isMove(before.sinceWad, healthWad)
      const { sinceWad, sinceMs } =
        before && !moved && recent(before.sinceMs) ? before : { sinceWad: healthWad, sinceMs: lookedAtMs }
      looks.delete(key)
      looks.set(key, { lookedAtMs, sinceWad, sinceMs })
      if (before) comparedAtMs = lookedAtMs
      if (moved) movedAtMs = lookedAtMs
    },
    isCalm: () => recent(comparedAtMs) && !recent(movedAtMs),
  }
}

function isMove(beforeWad: bigint, nowWad: bigint): boolean {
  const moved = nowWad > beforeWad ? nowWad - beforeWad : beforeWad - nowWad
  return moved * 100n > beforeWad * MOVE_PERCENT
}
