/** A list that forgets its oldest entries above a cap, so a long run cannot fill the memory. */
export interface BoundedList<T> {
  add(item: T): void
  all(): readonly T[]
  clear(): void
}

/** Creates a list that keeps at least the newest `cap` entries. */
export function createBoundedList<T>(cap: number): BoundedList<T> {
  let items: T[] = []
  // Cutting in slices keeps adding cheap: one copy every `slack` entries.
  const slack = Math.max(1, Math.floor(cap / 10))
  return {
    add: (item) => {
      items.push(item)
      if (items.length >= cap + slack) items = items.slice(-cap)
    },
    all: () => (items.length > cap ? items.slice(-cap) : items),
    clear: () => {
      items = []
    },
  }
}
