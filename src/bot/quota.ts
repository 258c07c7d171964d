export type Admission = 'ok' | 'refused' | 'refused-again'

export interface Quota {
  /** Counts one look of this person; `refused-again` once the person has been told. */
  admit(userId: number): Admission
}

export interface QuotaDeps {
  readonly perMinute: number
  readonly perHour: number
  readonly now: () => number
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** Forgotten after an hour anyway; this only bounds a flood of strangers. */
const MAX_PEOPLE = 10_000

/** So many looks per person and minute, and per hour, over all chats. One refusal is said, further ones are silent. */
export function createQuota({ perMinute, perHour, now }: QuotaDeps): Quota {
  const people = new Map<number, { looks: number[]; told: boolean }>()

  function prune(nowMs: number): void {
    if (people.size < MAX_PEOPLE) return
    for (const [userId, { looks }] of people) {
      if ((looks.at(-1) ?? 0) < nowMs - HOUR_MS) people.delete(userId)
    }
    // All of them active within the hour: the ones quiet for longest go first.
    for (const userId of people.keys()) {
      if (people.size < MAX_PEOPLE) return
      people.delete(userId)
    }
  }

  return {
    admit(userId) {
      const nowMs = now()
      const person = people.get(userId) ?? { looks: [], told: false }
      person.looks = person.looks.filter((at) => at > nowMs - HOUR_MS)
      const lastMinute = person.looks.filter((at) => at > nowMs - MINUTE_MS).length
      people.delete(userId)
      prune(nowMs)
      people.set(userId, person)
      if (lastMinute < perMinute && person.looks.length < perHour) {
        person.looks.push(nowMs)
        person.told = false
        return 'ok'
      }
      if (person.told) return 'refused-again'
      person.told = true
      return 'refused'
    },
  }
}
