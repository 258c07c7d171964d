import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { play, series, stateAfter, stepsOf, transitionsOf, wordFor } from './series.ts'

describe('an episode', () => {
  const episodes = (text: string) => transitionsOf(text).map((item) => `${wordFor(item)} ${item.episode}`)

  it('begins when a position leaves safe and ends with its confirmed return', () => {
    expect(episodes('1.6 1.4 1.7 +60s 1.7 1.4')).toEqual(['warning 1', 'recovered 1', 'warning 2'])
  })

  it('stays the same through deeper levels, new lows and partial recoveries', () => {
    expect(episodes('1.4 1.36 1.1 1.3 +60s 1.3 1.1 0.9')).toEqual([
      'warning 1',
      'new-low 1',
      'critical 1',
      'recovered:warning 1',
      'critical 1',
      'liquidatable 1',
    ])
  })

  it('goes on counting after a position was closed and opened again', () => {
    expect(episodes('1.4 none none 1.4')).toEqual(['warning 1', 'closed 1', 'warning 2'])
  })

  it('numbers its alerts one by one, never twice the same', () => {
    const seqs = transitionsOf('1.4 1.1 1.7 +60s 1.7 1.4 none none 0.9').map(({ seq }) => seq)
    expect(seqs).toEqual([1, 2, 3, 4, 5, 6])
  })
})

describe('a level entered again after being left', () => {
  it('rings again', () => {
    expect(series('1.1 1.3 +60s 1.3 1.1')).toEqual(['critical', 'recovered:warning', 'critical'])
    expect(series('1.4 1.7 +60s 1.7 1.4')).toEqual(['warning', 'recovered', 'warning'])
  })

  it('rings for a second plunge after a recovery, partial or whole', () => {
    expect(series('1.9 0.9 1.9 1.9 0.9')).toEqual(['liquidatable', 'recovered:critical', 'liquidatable'])
    expect(series('1.9 0.9 1.9 1.9 0.9', { everySeconds: 60 })).toEqual([
      'liquidatable',
      'recovered',
      'liquidatable',
    ])
  })

  it('does not ring for a plunge that was never confirmed to be over', () => {
    expect(series('1.9 0.9 1.9 0.9 1.9 0.9')).toEqual(['liquidatable'])
  })

  it('rings as a fresh fall when the second plunge stops at a shallower level', () => {
    expect(series('1.9 0.9 1.9 +60s 1.9 1.4')).toEqual(['liquidatable', 'recovered', 'warning'])
  })
})

describe('a level left at a lower health than it rang at', () => {
  it('does not ring the health that the note about it has just told', () => {
    expect(series('1.6 liq:1.2 1.05 1.05 1.05')).toEqual(['liquidatable', 'new-low', 'recovered:critical'])
    expect(series('1.6 liq:1.06 1.055 1.05 1.05')).toEqual(['liquidatable', 'recovered:critical'])
  })
})

describe('a new low', () => {
  it('rings at each further tenth of the distance to 1 left at the last ring', () => {
    expect(series('1.4 1.36 1.324')).toEqual(['warning', 'new-low', 'new-low'])
  })

  it('does not ring one wei short of a tenth', () => {
    expect(series('1.4 1.360000000000000001')).toEqual(['warning'])
    expect(series('1.4 1.36 1.324000000000000001')).toEqual(['warning', 'new-low'])
  })

  it('is measured from the last ring, not from the reading before', () => {
    expect(series('1.4 1.39 1.38 1.37 1.36')).toEqual(['warning', 'new-low'])
    expect(series('1.4 1.5 1.45 1.36 1.4 1.35')).toEqual(['warning', 'new-low'])
  })

  it('is measured anew from a deeper level', () => {
    expect(series('1.4 1.1 1.095')).toEqual(['warning', 'critical'])
    expect(series('1.4 1.1 1.09')).toEqual(['warning', 'critical', 'new-low'])
  })

  it('is forgotten with the end of the episode', () => {
    expect(stateAfter('1.4 1.36 1.7 +60s 1.7').ringHealthWad).toBeNull()
    expect(series('1.3 1.7 +60s 1.7 1.4 1.37')).toEqual(['warning', 'recovered', 'warning'])
  })

  it('does not ring under 1, where no distance is left', () => {
    expect(series('0.99 0.9 0.5 0.1')).toEqual(['liquidatable'])
    expect(series('1 0.99 0.5')).toEqual(['critical', 'liquidatable'])
  })

  it('rings while liquidatable for a protocol that liquidates above 1', () => {
    expect(series('liq:1.05 liq:1.045')).toEqual(['liquidatable', 'new-low'])
  })

  it('does not ring for a health that did not fall, however close to 1 it is', () => {
    expect(series('1.000000000000000005 1.000000000000000005 1.000000000000000005')).toEqual(['critical'])
  })

  it('is told with the level it happens at', () => {
    const [, low] = transitionsOf('1.4 1.36')
    expect(low).toMatchObject({ kind: 'warning', newLow: true, from: 'warning', to: 'warning' })
  })
})

describe('a health that swings across a line', () => {
  it('rings once when it never stays clear for a minute', () => {
    expect(series('1.4 1.7 '.repeat(100))).toEqual(['warning'])
    expect(series('1.1 1.3 '.repeat(100))).toEqual(['critical'])
    expect(series('1.4 1.7 1.7 1.7 '.repeat(100))).toEqual(['warning'])
  })

  it('rings at most once per minute that it held clear', () => {
    const words = series('1.4 1.7 1.7 1.7 1.7 1.7 '.repeat(100))
    expect(words.filter((word) => word === 'warning')).toHaveLength(100)
    expect(words.filter((word) => word === 'recovered')).toHaveLength(100)
  })

  it('is left no sooner than a minute after it was entered, at any rhythm', () => {
    const swing = fc.record({ clear: fc.boolean(), seconds: fc.integer({ min: 1, max: 45 }) })
    fc.assert(
      fc.property(fc.array(swing, { minLength: 20, maxLength: 120 }), (swings) => {
        const text = swings.map(({ clear, seconds }) => `+${seconds}s ${clear ? '1.7' : '1.4'}`).join(' ')
        let enteredMs: number | undefined
        for (const { nowMs, decision } of play(stepsOf(text))) {
          for (const transition of decision.transitions) {
            const word = wordFor(transition)
            expect(word).toBe(enteredMs === undefined ? 'warning' : 'recovered')
            if (enteredMs !== undefined) expect(nowMs - enteredMs).toBeGreaterThan(60_000)
            enteredMs = word === 'warning' ? nowMs : undefined
          }
        }
      }),
    )
  })
})
