import {
  type ChatSettings,
  DEFAULT_SETTINGS,
  isWithin,
  LIMITS,
  REPEAT_LEVELS,
} from '../domain/chat-settings.ts'
import { DEFAULT_QUIET, isTimeZone, parseClock, type QuietHours } from '../domain/quiet-hours.ts'
import { plain } from '../views/plain.ts'
import type { SettingsPage } from '../views/settings.ts'

/** What the words after `/settings` ask for. */
export type SettingsWish =
  | { readonly kind: 'show'; readonly page: SettingsPage }
  | {
      readonly kind: 'change'
      readonly page: SettingsPage
      readonly change: (before: ChatSettings) => ChatSettings
    }
  | { readonly kind: 'critical'; readonly text: string }
  | { readonly kind: 'code' }
  | { readonly kind: 'unpair' }
  /** One line for the person, and what to type instead. */
  | { readonly kind: 'wrong'; readonly error: string; readonly example: string }

type Words = readonly string[]

const PAGES: Readonly<Record<string, (words: Words, now: ChatSettings) => SettingsWish>> = {
  quiet,
  repeat,
  repeats: repeat,
  blind,
  dust,
  critical: ([text = '', ...more]) =>
    more.length > 0
      ? wrong(`I read “${shown([text, ...more])}”; I need one number.`, '/settings critical 1.1')
      : { kind: 'critical', text },
  second: ([word, ...more]) =>
    more.length === 0 && (word === 'code' || word === 'unpair')
      ? { kind: word }
      : wrong(
          `I read “${shown([word ?? '', ...more])}” for the second chat; I know “code” and “unpair”.`,
          '/settings second code',
        ),
}

/** Reads what was typed after `/settings`; the buttons of the menu carry the same words. `now` is what holds so far. */
export function readWish(text: string, now: ChatSettings): SettingsWish {
  const [page, ...words] = keepZone(split(text))
  if (page === undefined) return { kind: 'show', page: 'overview' }
  const read = Object.hasOwn(PAGES, page) ? PAGES[page] : undefined
  if (!read) {
    return wrong(
      `I read “${plain(page)}”; the settings are quiet, repeat, critical, blind, dust and second.`,
      '/settings quiet 23:00 07:00 Asia/Shanghai',
    )
  }
  if (words.length > 0) return read(words, now)
  return { kind: 'show', page: page === 'repeats' ? 'repeat' : (page as SettingsPage) }
}

function split(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '')
}

/** Only a time zone has capitals that are worth keeping. */
function keepZone(words: readonly string[]): string[] {
  return words.map((word) => (word.includes('/') ? word : word.toLowerCase()))
}

function quiet(words: Words, now: ChatSettings): SettingsWish {
  const example = '/settings quiet 23:00 07:00 Asia/Shanghai'
  if (words.length === 1 && words[0] === 'off') return changed('quiet', () => ({ quiet: null }))
  const [part, ...rest] = words
  const isPart = part === 'from' || part === 'to' || part === 'zone'
  const patch: { -readonly [key in keyof QuietHours]?: QuietHours[key] } = {}
  const times: number[] = []
  for (const word of isPart ? rest : words) {
    const minute = parseClock(word)
    const zone = minute === undefined ? zoneOf(word) : undefined
    if (minute !== undefined) times.push(minute)
    else if (zone !== undefined && patch.zone === undefined) patch.zone = zone
    else {
      return wrong(
        `I read “${plain(word)}”; I need two times of the day like 23:00 and a time zone like Asia/Shanghai.`,
        example,
      )
    }
  }
  const expected = isPart ? (part === 'zone' ? 0 : 1) : 2
  if (times.length !== expected || (part === 'zone' && patch.zone === undefined)) {
    return wrong(
      isPart
        ? `I read “${shown(words)}”; after “${part}” I need ${part === 'zone' ? 'a time zone' : 'one time of the day'}.`
        : `I read ${times.length} times of the day; I need two, start and end.`,
      isPart ? `/settings quiet ${part} ${part === 'zone' ? 'Asia/Shanghai' : '23:00'}` : example,
    )
  }
  const [first, second] = times
  if (part !== 'to' && first !== undefined) patch.fromMinute = first
  const end = part === 'to' ? first : second
  if (end !== undefined) patch.toMinute = end
  if (patch.zone === undefined && now.quiet === null)
    return wrong('I need your time zone too: 23:00 is another moment in each.', example)
  const { fromMinute, toMinute } = { ...(now.quiet ?? DEFAULT_QUIET), ...patch }
  if (fromMinute === toMinute)
    return wrong('Start and end are the same time; quiet hours need to end later.', example)
  return changed('quiet', (before) => ({ quiet: { ...(before.quiet ?? DEFAULT_QUIET), ...patch } }))
}

/** As it was typed, or spelled by the runtime when it was typed without capitals. A button must have room for it. */
function zoneOf(word: string): string | undefined {
  if (word.length > 40 || !/^[a-z][a-z0-9_+\-/]*$/i.test(word) || !isTimeZone(word)) return undefined
  if (word !== word.toLowerCase()) return word
  return new Intl.DateTimeFormat('en-GB', { timeZone: word }).resolvedOptions().timeZone
}

function repeat(words: Words): SettingsWish {
  const example = '/settings repeat critical 15m'
  const [name = '', ...rest] = words
  if (rest.length === 0 && name === 'off') {
    return changed('repeat', () => ({ repeatMinutes: { warning: null, critical: null, liquidatable: null } }))
  }
  if (rest.length === 0 && name === 'default')
    return changed('repeat', () => ({ repeatMinutes: DEFAULT_SETTINGS.repeatMinutes }))
  const level = REPEAT_LEVELS.find((one) => one === name)
  if (!level) {
    return wrong(
      `I read “${plain(name)}”; a repeat is for warning, critical or liquidatable, or “off” for all.`,
      example,
    )
  }
  const time = rest.join(' ')
  const minutes = time === 'off' ? null : minutesOf(time)
  if (minutes === undefined) {
    return wrong(
      `I read “${plain(time)}” as the time between repeats; it must be from 5m to 24h, or off.`,
      example,
    )
  }
  return changed('repeat', ({ repeatMinutes }) => ({ repeatMinutes: { ...repeatMinutes, [level]: minutes } }))
}

function minutesOf(text: string): number | undefined {
  const match = /^(\d{1,4}) ?(m|min|minutes?|h|hours?)?$/.exec(text)
  if (!match) return undefined
  const minutes = Number(match[1]) * (match[2]?.startsWith('h') ? 60 : 1)
  return isWithin(LIMITS.repeatMinutes, minutes) ? minutes : undefined
}

function blind(words: Words, now: ChatSettings): SettingsWish {
  const example = '/settings blind 10 3'
  const named = words[0] === 'critical'
  const numbers = (named ? words.slice(1) : words).map((word) =>
    /^\d{1,2}$/.test(word) ? Number(word) : NaN,
  )
  const [first, second, more] = numbers
  const bad = numbers.some((minutes) => !isWithin(LIMITS.blindMinutes, minutes))
  if (first === undefined || bad || more !== undefined || (named && second !== undefined)) {
    return wrong(
      `I read “${shown(words)}”; I need minutes from 1 to 60, first for any loan, then for one that is critical.`,
      example,
    )
  }
  const normal = named ? now.blindMinutes : first
  const critical = named ? first : (second ?? Math.min(now.blindCriticalMinutes, normal))
  if (critical > normal) {
    return wrong(
      `I read ${critical} min for critical loans and ${normal} min for all others; the first must not be longer.`,
      example,
    )
  }
  return changed('blind', () => ({ blindMinutes: normal, blindCriticalMinutes: critical }))
}

function dust(words: Words): SettingsWish {
  const [text = '', more] = words
  const match = more === undefined ? /^\$?(\d{1,5})(?:\.(\d{1,2}))?$/.exec(text) : null
  const cents = match ? Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0')) : undefined
  if (!isWithin(LIMITS.dustFloorCents, cents)) {
    return wrong(`I read “${shown(words)}”; I need an amount in dollars from 0 to 10000.`, '/settings dust 1')
  }
  return changed('dust', () => ({ dustFloorCents: cents }))
}

function changed(page: SettingsPage, change: (before: ChatSettings) => Partial<ChatSettings>): SettingsWish {
  return { kind: 'change', page, change: (before) => ({ ...before, ...change(before) }) }
}

function shown(words: Words): string {
  return plain(words.join(' '))
}

function wrong(error: string, example: string): SettingsWish {
  return { kind: 'wrong', error: `${error} Nothing was changed.`, example }
}
