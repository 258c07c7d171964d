import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromJson, toJson } from '../../../../db/json.ts'
import { decide } from '../../../../src/domain/alerting/decide.ts'
import { levelUnder } from '../../../../src/domain/alerting/levels.ts'
import { type AlertState, depthOf } from '../../../../src/domain/alerting/state.ts'
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

function forAnyStory(check: (played: readonly Played[], text: string) => void): void {
  fc.assert(
    fc.property(story, (text) => {
      check(play(stepsOf(text)), text)
    }),
    { numRuns: 300 },
  )
}

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
    case 'closed':
    case 'moved':
      expect(reading.kind).toBe('none')
      expect(transition.kind).toBe(movedTo === null ? 'closed' : 'moved')
      expect(before?.absent).not.toBeNull()
      expect(before?.closed).toBe(false)
  }
}
