import { describe, expect, it } from 'vitest'
import {
  type AlertState,
  CHECKPOINT_MS,
  depthOf,
  LEVELS,
  worthStoring,
} from '../../../../src/domain/alerting/state.ts'
import { START_MS, stateAfter } from './series.ts'

/** Whether the last reading of a story, played on what came before it, is worth storing. */
function storedAfter(story: string, next: string): boolean {
  const before = stateAfter(story)
  return worthStoring(before, stateAfter(`${story} ${next}`))
}

describe('worthStoring', () => {
  it('stores the first state', () => {
    expect(worthStoring(null, stateAfter('1.6'))).toBe(true)
  })

  it('leaves out a reading that changed nothing', () => {
    expect(storedAfter('1.6', '1.61')).toBe(false)
    expect(storedAfter('1.4 1.4', '1.41')).toBe(false)
  })

  it('stores a verified reading once a minute all the same', () => {
    expect(storedAfter('1.6', '+59s 1.6')).toBe(false)
    expect(storedAfter('1.6', '+60s 1.6')).toBe(true)
    expect(CHECKPOINT_MS).toBe(60_000)
  })

  it.each([
    { what: 'a level entered', story: '1.6', next: '1.4' },
    { what: 'a level left', story: '1.4 1.7', next: '+60s 1.7' },
    { what: 'a new low', story: '1.4', next: '1.36' },
    { what: 'the first reading clear of a line', story: '1.4', next: '1.7' },
    { what: 'a further reading clear of a line', story: '1.4 1.7', next: '1.7' },
    { what: 'a count towards leaving that starts anew', story: '1.4 1.7', next: '1.52' },
    { what: 'the first failed read', story: '1.6', next: '?' },
    { what: 'the end of failed reads', story: '1.6 ?', next: '1.6' },
    { what: 'going blind', story: '1.6 ?', next: '+10min ?' },
    { what: 'seeing again', story: '1.6 ? +10min ?', next: '1.6' },
    { what: 'the first read without the position', story: '1.6', next: 'none' },
    { what: 'a position that was there after all', story: '1.6 none', next: '1.6' },
    { what: 'closing', story: '1.6 none', next: 'none' },
    { what: 'a silent closing', story: 'nodebt none', next: 'none' },
    { what: 'a debt paid back', story: '1.6', next: 'nodebt' },
    { what: 'a debt taken', story: 'nodebt', next: '1.6' },
  ])('stores $what', ({ story, next }) => {
    expect(storedAfter(story, next)).toBe(true)
  })

  it('stores why it cannot be read when that changed', () => {
    expect(storedAfter('1.6 ?', '?reorg')).toBe(true)
  })

  it('leaves out a further failed read', () => {
    expect(storedAfter('1.6 ?', '?')).toBe(false)
  })

  it('leaves out a replayed reading', () => {
    expect(storedAfter('1.4', 'same')).toBe(false)
  })

  it('stores a change of any one thing that must survive a restart', () => {
    const before = stateAfter('1.1 ?reorg')
    const { ring, unseen, last } = before
    if (!ring || !unseen || !last) throw new Error('it rang and could not be read')
    const changes: Partial<AlertState>[] = [
      { level: 'warning' },
      { blind: true },
      { seq: before.seq + 1 },
      { closed: true },
      { unseen: null },
      { unseen: { ...unseen, reason: 'rpc' } },
      { unseen: { ...unseen, sinceMs: unseen.sinceMs + 1 } },
      { unseen: { ...unseen, backSinceMs: unseen.sinceMs + 1 } },
      { absent: { block: 1, endpoint: 'first' } },
      ...(['liquidatable', 'critical', 'warning'] as const).map((level) => ({
        clear: { ...before.clear, [level]: { readings: 1, sinceS: 5 } },
      })),
      { ring: null },
      { ring: { ...ring, badDebt: true } },
      { ring: { ...ring, atMs: ring.atMs + 1 } },
      { ring: { ...ring, deepSinceMs: START_MS + 1 } },
      { ring: { ...ring, everyMinutes: 7 } },
      { last: { ...last, health: { noDebt: true } } },
      { last: { ...last, atMs: last.atMs - CHECKPOINT_MS } },
    ]
    for (const change of changes) expect(worthStoring(before, { ...before, ...change })).toBe(true)
    const same = { ...before, last: { ...last, atMs: last.atMs - CHECKPOINT_MS + 1 } }
    expect(worthStoring(before, same)).toBe(false)
  })

  it('takes two states that were never read as alike', () => {
    const never = stateAfter('?')
    expect(worthStoring(never, { ...never })).toBe(false)
  })

  it('stores whatever was told, even where nothing else changed', () => {
    const before = stateAfter('1.4')
    const after: AlertState = { ...before, seq: before.seq + 1 }
    expect(worthStoring(before, after)).toBe(true)
  })
})

describe('depthOf', () => {
  it('rises from safe to liquidatable', () => {
    expect(LEVELS.map(depthOf)).toEqual([0, 1, 2, 3])
  })
})
