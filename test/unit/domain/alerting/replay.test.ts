import { describe, expect, it } from 'vitest'
import { decide } from '../../../../src/domain/alerting/decide.ts'
import { type AlertState, initialState } from '../../../../src/domain/alerting/state.ts'
import { blockAt, play, START_MS, series, stateAfter, stepsOf } from './series.ts'

const STORIES = [
  '1.6',
  '1.4',
  '1.4 1.36',
  '1.1 1.7',
  '0.9 1.05',
  '1.6 ?',
  '1.6 +10min ? +1min ?',
  '1.4 1.7 +60s 1.7',
  'nodebt',
  '1.6 none none 1.6',
  '1.4 moved',
  '1.4 moved moved',
]

/** Everything reachable is frozen, so that any write to it throws. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const item of Object.values(value)) frozen(item)
  }
  return value
}

describe('a reading at or below the stored block', () => {
  it.each(STORIES)('changes nothing and tells nothing after "%s"', (story) => {
    const state = stateAfter(story)
    for (const again of ['0.5', '3', 'nodebt', 'none', 'none@second', 'moved', '1.4']) {
      for (const step of stepsOf(again)) {
        if (step.reading.kind === 'unknown') continue
        for (const number of [state.lastBlock, state.lastBlock - 1, state.lastBlock - 100]) {
          const block = blockAt(number, step.nowMs)
          const later = { ...step, reading: { ...step.reading, block }, nowMs: step.nowMs + 3_600_000 }
          const decision = decide({ ...later, state })
          expect(decision.transitions).toEqual([])
          expect(decision.state).toEqual(state)
        }
      }
    }
  })

  it('rings no second time when a whole story is replayed', () => {
    const story = stepsOf('1.6 1.4 1.1 1.3 +60s 1.3 1.7 +60s 1.7 0.9')
    const state = play(story).at(-1)?.decision.state ?? null
    const replayed = play(story, state)
    expect(replayed.flatMap(({ decision }) => [...decision.transitions])).toEqual([])
    expect(replayed.at(-1)?.decision.state).toEqual(state)
  })

  it('is passed over in the middle of a story as if it were not there', () => {
    expect(series('1.6 same same back 0.5 1.6 back none same')).toEqual([])
    expect(stateAfter('1.6 1.4 back 0.5 back 1.9')).toEqual(stateAfter('1.6 1.4'))
  })
})

describe('decide', () => {
  it('leaves everything it is given untouched', () => {
    const story = stepsOf('1.6 1.4 1.36 ? +10min ? 1.1 0.9 1.7 1.7 +60s 1.7 none none 1.6')
    let state: AlertState = frozen(initialState({ nowMs: START_MS }))
    for (const step of story) {
      const copy = structuredClone(state)
      const decision = decide(frozen({ ...step, state }))
      expect(state).toEqual(copy)
      state = frozen(decision.state)
    }
    expect(state.seq).toBeGreaterThan(5)
  })

  it('takes no state as one that was never read, and remembers when it first looked', () => {
    const [step] = stepsOf('?')
    if (!step) throw new Error('the story has one reading')
    const { state } = decide({ ...step, state: null })
    expect(state).toMatchObject({ level: 'safe', episode: 0, seq: 0, last: null, firstSeenMs: step.nowMs })
  })

  it('goes on counting from the episode and number it is told to start with', () => {
    const from = initialState({ nowMs: START_MS, episode: 7, seq: 31 })
    const [first] = play(stepsOf('1.4'), from)
    expect(first?.decision.transitions[0]).toMatchObject({ episode: 8, seq: 32 })
  })
})

describe('blocks far below the last one', () => {
  const MINUTE = 60_000

  function readingAt(number: number, nowMs: number) {
    const [step] = stepsOf('0.5')
    if (step?.reading.kind !== 'ok') throw new Error('no reading')
    return { ...step, nowMs, reading: { ...step.reading, block: blockAt(number, nowMs) } }
  }

  it('are told as blindness, and believed in the end: one false number must not silence a loan for ever', () => {
    const seen = stateAfter('1.6')
    let state: AlertState = { ...seen, lastBlock: 1_000_000_000 }
    const told: string[] = []
    const startMs = START_MS + MINUTE
    for (let minute = 0; minute <= 25; minute += 1) {
      const decision = decide({ ...readingAt(500 + minute, startMs + minute * MINUTE), state })
      told.push(...decision.transitions.map(({ kind }) => kind))
      if (told.length === 0) expect(decision.state.unseen?.detail).toMatch(/contradict/)
      state = decision.state
    }
    expect(told[0]).toBe('blind')
    expect(told).toContain('liquidatable')
    expect(state.lastBlock).toBe(525)
  })

  it('are not believed sooner because nothing could be read before them', () => {
    const seen: AlertState = { ...stateAfter('1.6 ? +1h ?'), lastBlock: 1_000_000_000 }
    const startMs = START_MS + 2 * 60 * MINUTE
    const first = decide({ ...readingAt(500, startMs), state: seen })
    const second = decide({ ...readingAt(501, startMs + MINUTE), state: first.state })
    expect([...first.transitions, ...second.transitions]).toEqual([])
    const late = decide({ ...readingAt(502, startMs + 10 * MINUTE), state: second.state })
    expect(late.transitions.map(({ kind }) => kind)).toEqual(['liquidatable'])
  })

  it('do not keep a loan closed for ever', () => {
    let state: AlertState = { ...stateAfter('1.6 none none'), lastBlock: 1_000_000_000 }
    const told: string[] = []
    for (let minute = 1; minute <= 12; minute += 1) {
      const decision = decide({ ...readingAt(500 + minute, START_MS + minute * MINUTE), state })
      told.push(...decision.transitions.map(({ kind }) => kind))
      state = decision.state
    }
    expect(told).toEqual(['liquidatable'])
  })

  it('are believed from the first of them on, so that two reads without the loan close it', () => {
    const seen: AlertState = { ...stateAfter('1.6'), lastBlock: 1_000_000_000 }
    const doubted = decide({ ...readingAt(500, START_MS), state: seen }).state
    const nowMs = START_MS + 10 * MINUTE
    const first = { kind: 'none', block: blockAt(501, nowMs), endpoint: 'first' } as const
    const absent = decide({ ...readingAt(501, nowMs), reading: first, state: doubted }).state
    const second = { ...first, block: blockAt(502, nowMs) }
    const { transitions } = decide({ ...readingAt(502, nowMs), reading: second, state: absent })
    expect(transitions.map(({ kind }) => kind)).toEqual(['closed'])
  })

  it('from a single answer change nothing once the right ones go on', () => {
    const state = { ...stateAfter('1.6'), lastBlock: 5_000 }
    const odd = decide({ ...readingAt(100, START_MS + MINUTE), state })
    expect(odd.transitions).toEqual([])
    const [good] = stepsOf('1.6')
    if (good?.reading.kind !== 'ok') throw new Error('no reading')
    const nowMs = START_MS + 2 * MINUTE
    const next = decide({
      ...good,
      nowMs,
      reading: { ...good.reading, block: blockAt(5_001, nowMs) },
      state: odd.state,
    })
    expect(next.transitions).toEqual([])
    expect(next.state.unseen).toBeNull()
  })
})
