/** What a list may take of a message. */
export interface Room {
  /** UTF-16 units. */
  readonly units: number
  readonly items: number
  /** The line that stands for what was left out. */
  readonly more: (left: number) => string
}

/** As many items (each some lines) as there is room for, from the first on; the rest is counted in one line. */
export function fitted(items: readonly (readonly string[])[], room: Room): string[] {
  const shown = fittingCount(items, room)
  const left = items.length - shown
  return [...items.slice(0, shown).flat(), ...(left > 0 ? [room.more(left)] : [])]
}

/** How many items fit; the first one always does. */
export function fittingCount(
  items: readonly (readonly string[])[],
  room: Pick<Room, 'units' | 'items'>,
): number {
  let left = room.units
  let count = 0
  for (const item of items.slice(0, room.items)) {
    left -= item.reduce((sum, line) => sum + line.length + 1, 0)
    if (left < 0 && count > 0) break
    count += 1
  }
  return count
}
