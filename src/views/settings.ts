import { FormattedString, fmt } from '@grammyjs/parse-mode'
import { type ChatSettings, REPEAT_LEVELS } from '../domain/chat-settings.ts'
import type { SecondChat } from '../domain/pairing.ts'
import type { QuietHours } from '../domain/quiet-hours.ts'
import { linesFor, type SetLines } from '../domain/thresholds.ts'
import { grouped, thresholdText } from './numbers.ts'
import { plain } from './plain.ts'
import { secondChatLine } from './second-chat.ts'
import { lines, type View, view } from './view.ts'

export type SettingsPage = 'overview' | 'quiet' | 'repeat' | 'critical' | 'blind' | 'dust' | 'second'

/** Everything that `/settings` shows. */
export interface SettingsFacts {
  readonly settings: ChatSettings
  readonly lines: SetLines
  readonly second: SecondChat
}

/** `/settings`: what holds here in words, and a button to each part. */
export function settingsView(facts: SettingsFacts): View {
  const { settings } = facts
  return view(
    lines([
      FormattedString.b('Settings of this chat'),
      `🌙 ${quietText(settings.quiet)}`,
      `🔁 ${repeatText(settings)}`,
      `🔴 ${criticalText(facts.lines)}`,
      `⚫ ${blindText(settings)}`,
      `🧹 ${dustText(settings)}`,
      `📣 ${secondChatLine(facts.second)}`,
    ]),
    [
      [page('Quiet hours', 'quiet'), page('Repeats', 'repeat')],
      [page('Critical line', 'critical'), page('When I am blind', 'blind')],
      [page('Small debts', 'dust'), page('Second chat', 'second')],
      [{ text: 'When I ring', data: 'threshold' }],
    ],
  )
}

function page(text: string, name: SettingsPage): { text: string; data: string } {
  return { text, data: `set:${name}` }
}

/** `23:00` */
export function clock(minute: number): string {
  return `${Math.floor(minute / 60)
    .toString()
    .padStart(2, '0')}:${(minute % 60).toString().padStart(2, '0')}`
}

/** The zone as people call it: `New York`. */
export function zoneName(zone: string): string {
  return plain((zone.split('/').at(-1) ?? zone).replaceAll('_', ' '))
}

export function quietText(quiet: QuietHours | null): string {
  if (quiet === null) return 'No quiet hours: warnings ring day and night.'
  return `Quiet from ${clock(quiet.fromMinute)} to ${clock(quiet.toMinute)} (${plain(quiet.zone, 40)}): warnings wait until then.`
}

/** `15 min`, `4 h`, `1 h 30 min`. */
export function minutesText(minutes: number): string {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60]
  return [...(hours > 0 ? [`${hours} h`] : []), ...(rest > 0 ? [`${rest} min`] : [])].join(' ')
}

export function repeatText({ repeatMinutes }: ChatSettings): string {
  const every = REPEAT_LEVELS.map((level) => {
    const minutes = repeatMinutes[level]
    return { level, text: minutes === null ? 'off' : `every ${minutesText(minutes)}` }
  })
  if (every.every(({ text }) => text === 'off')) return 'Nothing rings twice: repeats are off.'
  return `Not answered, I ring again: ${every.map(({ level, text }) => `${level} ${text}`).join(', ')}.`
}

/** The chat's own lines; loans with a line of their own keep theirs. */
export function criticalText(set: SetLines): string {
  const { warningWad, criticalWad } = linesFor(set.warningWad, set.criticalWad)
  const usual = criticalWad === linesFor(warningWad).criticalWad
  return `Critical from ${thresholdText(criticalWad)}${usual ? '' : ', set by you'}; warning from ${thresholdText(warningWad)}.`
}

export function blindText({ blindMinutes, blindCriticalMinutes }: ChatSettings): string {
  const minutes = `${blindMinutes} min`
  return blindMinutes <= blindCriticalMinutes
    ? `I tell you when I cannot see a loan for ${minutes}.`
    : `I tell you when I cannot see a loan for ${minutes}, a critical one for ${blindCriticalMinutes} min.`
}

export function dustText({ dustFloorCents }: ChatSettings): string {
  if (dustFloorCents === 0) return 'Every debt rings, however small.'
  return `Debts under ${dollars(dustFloorCents)} are shown and do not ring.`
}

export function dollars(cents: number): string {
  const rest = cents % 100
  return `$${grouped(Math.floor(cents / 100))}${rest === 0 ? '' : `.${rest.toString().padStart(2, '0')}`}`
}

/** What can be typed instead of pressing. */
export function typed(example: string): FormattedString {
  return fmt`Or type ${FormattedString.code(example)}`
}
