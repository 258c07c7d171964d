import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromJson, toJson } from '../../../../db/json.ts'
import { decide } from '../../../../src/domain/alerting/decide.ts'
import { levelUnder } from '../../../../src/domain/alerting/levels.ts'
import { type AlertState, depthOf } from '../../../../src/domain/alerting/state.ts'
import type { AlertRules } from '../../../../src/domain/chat-settings.ts'
import { type Played, play, stepsOf } from './series.ts'

const health = fc.oneof(
  fc.constantFrom('1.5', '1.500000000000000001', '1.125', '1.125000000000000001', '1.55', '1.1375', '1', '0'),
  fc.integer({ min: 80, max: 200 }).map((percent) => (percent / 100).toFixed(2)),
)
const token = fc.oneof(
  { weight: 6, arbitrary: health },
  { weight: 1, arbitrary: health.map((text) => `liq:${text}`) },
  { weight: 1, arbitrary: health.map((text) => `back ${text}`) },
  {
    weight: 3,
    arbitrary: fc.constantFrom('nodebt', 'none', 'none@second', 'back none', 'same', 'same@second'),
  },
  { weight: 1, arbitrary: fc.constantFrom('moved', 'moved@second', 'back moved') },
  { weight: 3, arbitrary: fc.constantFrom('?', '?oracle', '?decode') },
  { weight: 3, arbitrary: fc.constantFrom('+1s', '+30s', '+60s', '+3min', '+10min', '+2h') },
  { weight: 1, arbitrary: fc.constantFrom('line:1.3', 'line:1.5', 'line:1.05', 'line:3') },
)
/** Any story; it starts with an answer, so that `same` has something to repeat. */
const story = fc
  .tuple(health, fc.array(token, { maxLength: 60 }))
  .map(([first, rest]) => [first, ...rest].join(' '))

/** What people and the protocol do beside the readings, under any rules. */
const busyToken = fc.oneof(
  { weight: 8, arbitrary: token },
  {
    weight: 1,
    arbitrary: fc.constantFrom('seen', 'snooze:1h', 'snooze:5min', 'liquidated', 'liquidated:same'),
  },
  { weight: 2, arbitrary: health.map((text) => `dust:${text}`) },
  { weight: 1, arbitrary: fc.constantFrom('bad:0.6', 'bad:0.2', '0.9', '+30min', '+4h', '+24h') },
)
const busyStory = fc
  .tuple(health, fc.array(busyToken, { maxLength: 60 }))
  .map(([first, rest]) => [first, ...rest].join(' '))
const minutes = fc.option(fc.integer({ min: 5, max: 300 }))
const anyRules: fc.Arbitrary<AlertRules> = fc.record({
  repeatMinutes: fc.record({ warning: minutes, critical: minutes, liquidatable: minutes }),
  blindMinutes: fc.integer({ min: 1, max: 60 }),
  blindCriticalMinutes: fc.integer({ min: 1, max: 60 }),
  dustFloorCents: fc.constantFrom(0, 50, 100, 10_000_000),
  quiet: fc.option(
    fc.record({
      fromMinute: fc.integer({ min: 0, max: 1_439 }),
      toMinute: fc.integer({ min: 0, max: 1_439 }),
      zone: fc.constantFrom('UTC', 'Asia/Kolkata'),
    }),
  ),
  escalates: fc.boolean(),
})

function forAnyNight(check: (played: readonly Played[]) => void): void {
  fc.assert(
    fc.property(busyStory, anyRules, (text, rules) => {
      check(play(stepsOf(text, { rules })))
    }),
    { numRuns: 400 },
  )
}

function forAnyStory(check: (played: readonly Played[], text: string) => void): void {
  fc.assert(
    fc.property(story, (text) => {
      check(play(stepsOf(text)), text)
    }),
    { numRuns: 300 },
  )
}

describe('any night, under any rules and whatever people do', () => {
  it('numbers what it tells one by one, in an episode that never goes back', () => {
    forAnyNight((played) => {
      const told = played.flatMap(({ decision }) => [...decision.transitions])
      expect(told.map(({ seq }) => seq)).toEqual(told.map((_, index) => index + 1))
      const episodes = told.map(({ episode }) => episode)
      expect(episodes).toEqual([...episodes].sort((a, b) => a - b))
    })
  })

  it('tells of a level at most once per reading, and beside it at most an escalation', () => {
    forAnyNight((played) => {
      for (const { decision } of played) {
        const kinds = decision.transitions.map(({ kind }) => kind)
        expect(kinds.filter((kind) => kind !== 'escalation').length).toBeLessThanOrEqual(1)
        expect(kinds.filter((kind) => kind === 'escalation').length).toBeLessThanOrEqual(1)
      }
    })
  })

  it('rings for every worsening, unless the loan is bad debt that was told in this episode', () => {
    forAnyNight((played) => {
      for (const { before, decision, act } of played) {
        const from = before?.level ?? 'safe'
        const { level } = decision.state
        if (act !== 'read' || depthOf(level) <= depthOf(from)) continue
        if (decision.transitions.length === 0) expect(before?.ring?.badDebt).toBe(true)
        else expect(decision.transitions[0]).toMatchObject({ kind: level, from, to: level })
      }
    })
  })

  it('calls the second chat only where there is one, for what is critical and was not answered for ten minutes', () => {
    forAnyNight((played) => {
      for (const { decision, rules, nowMs } of played) {
        if (!decision.transitions.some(({ kind }) => kind === 'escalation')) continue
        const { state } = decision
        expect(rules.escalates).toBe(true)
        expect(depthOf(state.level)).toBeGreaterThanOrEqual(depthOf('critical'))
        expect(nowMs - (state.ring?.deepSinceMs ?? nowMs)).toBeGreaterThanOrEqual(600_000)
        const { seen, snooze } = state
        expect(seen !== null && depthOf(seen.level) >= depthOf(state.level)).toBe(false)
        expect(
          snooze !== null && nowMs < snooze.untilMs && depthOf(snooze.level) >= depthOf(state.level),
        ).toBe(false)
      }
    })
  })

  it('repeats no sooner than the chat wants, and nothing that was answered', () => {
    forAnyNight((played) => {
      for (const { before, decision, rules, nowMs } of played) {
        for (const { repeat, to } of decision.transitions) {
          if (!repeat || to === 'safe') continue
          const everyMs = (rules.repeatMinutes[to] ?? Number.POSITIVE_INFINITY) * 60_000
          expect(nowMs - (before?.ring?.atMs ?? nowMs)).toBeGreaterThanOrEqual(everyMs)
          expect(before?.seen && depthOf(before.seen.level) >= depthOf(to)).not.toBe(true)
        }
      }
    })
  })

  it('holds nothing back but warnings and blindness before anything was critical', () => {
    forAnyNight((played) => {
      for (const { decision, nowMs } of played) {
        for (const { kind, from, holdUntilMs } of decision.transitions) {
          if (holdUntilMs === null) continue
          expect(holdUntilMs).toBeGreaterThan(nowMs)
          expect(kind === 'warning' || (kind === 'blind' && depthOf(from) < depthOf('critical'))).toBe(true)
        }
      }
    })
  })

  it('rings for no debt under the floor', () => {
    forAnyNight((played) => {
      for (const { decision, token, rules } of played) {
        if (!token.startsWith('dust:') || rules.dustFloorCents < 100) continue
        expect(decision.transitions.every(({ kind }) => ['recovered', 'sighted'].includes(kind))).toBe(true)
      }
    })
  })

  it('is remembered through JSON', () => {
    forAnyNight((played) => {
      for (const { decision } of played) expect(fromJson(toJson(decision.state))).toEqual(decision.state)
    })
  })
})

describe('any series of readings', () => {
  it('leaves the level at least as deep as the reading itself', () => {
    forAnyStory((played) => {
      for (const { reading, lines, decision, before } of played) {
        if (reading.kind !== 'ok' || reading.block.number <= (before?.lastBlock ?? 0)) continue
        const least = depthOf(levelUnder(reading.health, lines))
        expect(depthOf(decision.state.level)).toBeGreaterThanOrEqual(least)
      }
    })
  })

  it('tells at most one thing per reading, each with the next number, in an episode that never goes back', () => {
    forAnyStory((played) => {
      const told = played.flatMap(({ decision }) => [...decision.transitions])
      expect(played.every(({ decision }) => decision.transitions.length <= 1)).toBe(true)
      expect(told.map(({ seq }) => seq)).toEqual(told.map((_, index) => index + 1))
      const episodes = told.map(({ episode }) => episode)
      expect(episodes).toEqual([...episodes].sort((a, b) => a - b))
      expect(new Set(told.map(({ episode, seq }) => `${episode}:${seq}`)).size).toBe(told.length)
    })
  })

  it('raises the episode exactly when a position leaves safe', () => {
    forAnyStory((played) => {
      for (const { before, decision } of played) {
        const left = (before?.level ?? 'safe') === 'safe' && decision.state.level !== 'safe'
        expect(decision.state.episode - (before?.episode ?? 0)).toBe(left ? 1 : 0)
      }
    })
  })

  it('tells a change of level whenever there is one, closing and moving aside', () => {
    forAnyStory((played) => {
      for (const { before, decision, reading } of played) {
        const from = before?.level ?? 'safe'
        if (from === decision.state.level || reading.kind === 'none') continue
        expect(decision.transitions).toHaveLength(1)
        expect(decision.transitions[0]).toMatchObject({ from, to: decision.state.level })
      }
    })
  })

  it('tells nothing without its cause', () => {
    forAnyStory((played) => {
      for (const step of played)
        for (const transition of step.decision.transitions) expectCause(step, transition)
    })
  })

  it('ends the same when it is played a second time', () => {
    forAnyStory((played, text) => {
      expect(play(stepsOf(text))).toEqual(played)
    })
  })

  it('goes on the same after its state was stored as JSON and read back', () => {
    forAnyStory((played) => {
      let stored: AlertState | null = null
      for (const step of played) {
        const decision = decide({ ...step, state: stored })
        expect(decision).toEqual(step.decision)
        stored = fromJson(toJson(decision.state)) as AlertState
        expect(stored).toEqual(decision.state)
      }
    })
  })

  it('tells the same when readings of old blocks are mixed in', () => {
    forAnyStory((played) => {
      for (const { decision, reading, lines, rules, nowMs } of played) {
        if (reading.kind === 'unknown') continue
        const { state } = decision
        const old = { ...reading, block: { ...reading.block, number: state.lastBlock } }
        expect(decide({ state, reading: old, lines, rules, nowMs })).toEqual({ state, transitions: [] })
      }
    })
  })
})

function expectCause(step: Played, transition: Played['decision']['transitions'][number]): void {
  const { before, reading, lines, nowMs } = step
  const from = before?.level ?? 'safe'
  expect(transition.from).toBe(from)
  expect(transition.lines).toEqual(lines)
  const movedTo = reading.kind === 'none' ? (reading.movedTo?.marketName ?? null) : null
  expect(transition.movedTo).toBe(transition.kind === 'moved' ? 'Elsewhere' : null)
  switch (transition.kind) {
    case 'warning':
    case 'critical':
    case 'liquidatable': {
      if (reading.kind !== 'ok' || reading.health.noDebt) throw new Error('rang without a debt that was read')
      if (transition.newLow) {
        expect(transition.to).toBe(from)
        expect(reading.health.healthWad < (before?.ringHealthWad ?? 0n)).toBe(true)
      } else {
        expect(depthOf(transition.to)).toBeGreaterThan(depthOf(from))
        expect(levelUnder(reading.health, lines)).toBe(transition.to)
      }
      return
    }
    case 'recovered':
      expect(reading.kind).toBe('ok')
      expect(depthOf(transition.to)).toBeLessThan(depthOf(from))
      return
    case 'sighted':
      expect(reading.kind).toBe('ok')
      expect(before?.blind).toBe(true)
      return
    case 'blind':
      expect(reading.kind).toBe('unknown')
      expect(before?.blind).toBe(false)
      expect(before?.closed).toBe(false)
      expect(nowMs - (before?.last?.atMs ?? before?.firstSeenMs ?? nowMs)).toBeGreaterThanOrEqual(180_000)
      return
    case 'liquidated':
    case 'escalation':
      throw new Error(`${transition.kind} out of a reading alone`)
    case 'closed':
    case 'moved':
      expect(reading.kind).toBe('none')
      expect(transition.kind).toBe(movedTo === null ? 'closed' : 'moved')
      expect(before?.absent).not.toBeNull()
      expect(before?.closed).toBe(false)
  }
}
