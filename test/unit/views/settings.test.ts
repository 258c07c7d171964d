import { describe, expect, it } from 'vitest'
import { DEFAULT_SETTINGS } from '../../../src/domain/chat-settings.ts'
import {
  firstToldView,
  letGoView,
  pairedView,
  pairingCodeView,
  secondLeftView,
  unpairedFirstsView,
  unpairedView,
} from '../../../src/views/second-chat.ts'
import { clock, minutesText } from '../../../src/views/settings.ts'
import { settingsPageView } from '../../../src/views/settings-pages.ts'
import { wad } from '../domain/alerting/series.ts'
import { expectSendable, formatted } from './kit.ts'

const FACTS = {
  settings: DEFAULT_SETTINGS,
  lines: { warningWad: wad('1.5'), criticalWad: null },
  second: null,
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}

describe('the pages of /settings', () => {
  it.each(['overview', 'quiet', 'repeat', 'critical', 'blind', 'dust', 'second'] as const)(
    'say what holds in a first line that is bold, can be sent, and lead back: %s',
    (page) => {
      const shown = settingsPageView(page, FACTS)
      expectSendable(shown)
      expect(formatted(shown)[0]).toBe(`bold: ${firstLine(shown.body.text)}`)
      const back = shown.buttons.at(-1)?.[0]
      expect(back).toEqual(
        page === 'overview'
          ? { text: 'When I ring', data: 'threshold' }
          : { text: '‹ Settings', data: 'set:' },
      )
    },
  )

  it('offer critical lines between 1 and the warning, however close the two are', () => {
    for (const warning of ['1.001', '1.01', '1.5', '10']) {
      const lines = { warningWad: wad(warning), criticalWad: null }
      const [row = []] = settingsPageView('critical', { ...FACTS, lines }).buttons
      expect(row.filter(({ text }) => text.startsWith('✓'))).toHaveLength(1)
      for (const button of row) {
        const line = /^set:critical (.+)$/.exec('data' in button ? button.data : '')?.[1] ?? ''
        if (line === 'usual') continue
        expect(wad(line)).toBeGreaterThan(wad('1'))
        expect(wad(line)).toBeLessThan(wad(warning))
      }
    }
  })
})

describe('what two chats are told about each other', () => {
  it('can be sent, and a code can be copied with its command', () => {
    const code = pairingCodeView({ code: 'K7MQ2XHD', minutes: 15, replaces: true })
    const views = [code, pairedView(), firstToldView(), secondLeftView(), letGoView()]
    for (const shown of [...views, unpairedView(true), unpairedView(false)]) expectSendable(shown)
    for (const firsts of [0, 1, 2]) expectSendable(unpairedFirstsView(firsts))
    expect(formatted(code)).toEqual(['code: /pair K7MQ2XHD'])
  })
})

describe('times in the settings', () => {
  it('are as short as they can be', () => {
    expect([0, 419, 1_380, 1_439].map(clock)).toEqual(['00:00', '06:59', '23:00', '23:59'])
    expect([5, 60, 90, 1_440].map(minutesText)).toEqual(['5 min', '1 h', '1 h 30 min', '24 h'])
  })
})
