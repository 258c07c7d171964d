import { describe, expect, it } from 'vitest'
import { play, series, stateAfter, stepsOf, transitionsOf, wad } from './series.ts'

describe('closing a position', () => {
  it('takes a second read at a later block', () => {
    expect(series('1.6 none')).toEqual([])
    expect(series('1.6 none none')).toEqual(['closed'])
  })

  it('takes a second endpoint when the block is the same', () => {
    expect(series('1.6 none same')).toEqual([])
    expect(series('1.6 none same@second')).toEqual(['closed'])
  })

  it('starts anew when the position is seen in between', () => {
    expect(series('1.6 none 1.6 none')).toEqual([])
    expect(series('1.6 none 1.6 none none')).toEqual(['closed'])
  })

  it('is neither hindered nor helped by a failed read in between', () => {
    expect(series('1.6 none ? none')).toEqual(['closed'])
    expect(series('1.6 none ? ?')).toEqual([])
  })

  it('is not believed at a block that was already applied or passed', () => {
    expect(series('1.6 back none back none')).toEqual([])
    expect(stateAfter('1.6 back none').absent).toBeNull()
  })

  it('leaves nothing to see: a failed read afterwards is not even remembered', () => {
    const closed = stateAfter('1.6 none none')
    expect(stateAfter('1.6 none none ?')).toEqual(closed)
    expect(stateAfter('1.6 none none ?oracle +1h ?')).toEqual(closed)
  })

  it('is told once', () => {
    expect(series(`1.6 ${'none '.repeat(20)}`)).toEqual(['closed'])
  })

  it('is told at any level and while it could not be seen', () => {
    expect(series('1.4 none none')).toEqual(['warning', 'closed'])
    expect(series('0.9 none none')).toEqual(['liquidatable', 'closed'])
    expect(series('1.6 +10min ? +1min ? none none')).toEqual(['blind', 'closed'])
    expect(series('? +10min ? none none')).toEqual(['blind', 'closed'])
  })

  it('happens silently for a deposit that never had a debt', () => {
    expect(series('nodebt none none')).toEqual([])
    expect(stateAfter('nodebt none none').closed).toBe(true)
  })

  it('happens silently for a position that was never read', () => {
    expect(series('none none')).toEqual([])
    expect(stateAfter('none none').closed).toBe(true)
  })

  it('is told when the debt was paid back during an episode that had not ended', () => {
    expect(series('1.4 nodebt none none')).toEqual(['warning', 'closed'])
  })

  it('keeps the level until it is certain', () => {
    expect(stateAfter('1.1 none')).toMatchObject({ level: 'critical', closed: false })
    expect(stateAfter('1.1 none none')).toMatchObject({ level: 'safe', closed: true, ringHealthWad: null })
  })

  it('is followed by alerts again when the position comes back', () => {
    expect(series('1.4 none none 1.6 1.4')).toEqual(['warning', 'closed', 'warning'])
    expect(series('nodebt none none 1.4')).toEqual(['warning'])
    expect(series('1.6 none none 1.6 none none')).toEqual(['closed', 'closed'])
  })

  it('does not follow from failed reads, however many', () => {
    const played = play(stepsOf(`1.6 ${'? '.repeat(500)}`))
    expect(played.every(({ decision }) => !decision.state.closed)).toBe(true)
  })

  it('carries the last known reading and none of its own', () => {
    const [, closed] = transitionsOf('1.4 none none')
    expect(closed).toMatchObject({
      kind: 'closed',
      from: 'warning',
      to: 'safe',
      episode: 1,
      reading: null,
      before: { health: { noDebt: false, healthWad: wad('1.4') } },
    })
  })
})
