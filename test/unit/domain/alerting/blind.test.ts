import { describe, expect, it } from 'vitest'
import { START_MS, series, stateAfter, transitionsOf, wad } from './series.ts'

describe('not seeing a position', () => {
  it('is told after ten minutes without a verified reading', () => {
    expect(series('1.6 +1s ? +599s ?')).toEqual(['blind'])
    expect(series('1.6 +1s ? +598s ?')).toEqual([])
  })

  it('is told after ten minutes while at warning', () => {
    expect(series('1.4 +1s ? +598s ?')).toEqual(['warning'])
    expect(series('1.4 +1s ? +599s ?')).toEqual(['warning', 'blind'])
  })

  it('is told after three minutes while critical or liquidatable', () => {
    expect(series('1.1 +1s ? +178s ?')).toEqual(['critical'])
    expect(series('1.1 +1s ? +179s ?')).toEqual(['critical', 'blind'])
    expect(series('0.9 +1s ? +179s ?')).toEqual(['liquidatable', 'blind'])
  })

  it('is told of a critical loan no later than of another one, whatever the chat has set', () => {
    const rules = { blindMinutes: 5, blindCriticalMinutes: 20 }
    expect(series('1.1 ? +298s ?', { rules, everySeconds: 1 })).toEqual(['critical'])
    expect(series('1.1 ? +299s ?', { rules, everySeconds: 1 })).toEqual(['critical', 'blind'])
  })

  it('is told once, not at every failed read', () => {
    expect(series(`1.6 ${'? '.repeat(400)}`)).toEqual(['blind'])
  })

  it('is not told for one failed read right after a long stop', () => {
    expect(series('1.6 +10h ?')).toEqual([])
    expect(series('1.6 +10h ? +59s ?')).toEqual([])
    expect(series('1.6 +10h ? +60s ?')).toEqual(['blind'])
    expect(series('1.6 +10h ? +30s 1.6 +30s ?')).toEqual([])
  })

  it('is counted from the last verified reading, and anew after each', () => {
    expect(series('1.6 +5min ? +5min ?')).toEqual(['blind'])
    expect(series('1.6 +5min ? +4min 1.6 +1min ? +5min ?')).toEqual([])
  })

  it('is told for a position that was never read even once', () => {
    expect(series('? +9min ?')).toEqual([])
    expect(series('? +10min ?')).toEqual(['blind'])
  })

  it('is not told for a position last seen without debt', () => {
    expect(series(`nodebt ${'+10min ? '.repeat(20)}`)).toEqual([])
    expect(series(`1.4 nodebt ${'+10min ? '.repeat(20)}`)).toEqual(['warning'])
  })

  it('is told for a deposit that has taken a debt since', () => {
    expect(series('nodebt 1.6 +10min ? +1min ?')).toEqual(['blind'])
  })

  it('is not told for a closed position', () => {
    expect(series('1.6 none none +1h ? +1h ?')).toEqual(['closed'])
  })

  it('never changes the level, closes or shows anything as safe', () => {
    expect(stateAfter(`1.1 ${'? '.repeat(100)}`)).toMatchObject({
      level: 'critical',
      closed: false,
      blind: true,
      last: { health: { noDebt: false, healthWad: wad('1.1') } },
    })
  })

  it('says since when and why, and what was known last', () => {
    const [blind] = transitionsOf('1.6 +1s ?oracle +600s ?decode')
    expect(blind).toMatchObject({
      kind: 'blind',
      from: 'safe',
      to: 'safe',
      reading: null,
      before: { health: { noDebt: false, healthWad: wad('1.6') }, atMs: START_MS },
      unseen: { sinceMs: START_MS + 1_000, reason: 'decode', detail: 'no answer (decode)' },
    })
  })
})

describe('seeing a position again', () => {
  const blinded = '1.6 +10min ? +1min ?'

  it('is told when nothing else is to be told', () => {
    expect(series(`${blinded} 1.6 1.6`)).toEqual(['blind', 'sighted'])
  })

  it('is told by the worse news alone when there is some', () => {
    expect(series(`${blinded} 1.4 1.4`)).toEqual(['blind', 'warning'])
    expect(series('1.4 +10min ? +1min ? 1.3')).toEqual(['warning', 'blind', 'new-low'])
  })

  it('is not told for readings that were merely missed for a while', () => {
    expect(series('1.6 ? ? ? 1.6')).toEqual([])
  })

  it('is not brought about by an old block', () => {
    expect(series(`${blinded} same back 1.6`)).toEqual(['blind'])
  })

  it('lets the next time without sight be told anew', () => {
    expect(series(`${blinded} 1.6 +10min ? +1min ?`)).toEqual(['blind', 'sighted', 'blind'])
  })

  it('says since when it could not be seen, and forgets it afterwards', () => {
    const [, sighted] = transitionsOf(`${blinded} 1.6`)
    expect(sighted).toMatchObject({
      kind: 'sighted',
      reading: { health: { healthWad: wad('1.6') } },
      unseen: { sinceMs: START_MS + 600_000, reason: 'rpc' },
    })
    expect(stateAfter(`${blinded} 1.6`)).toMatchObject({ blind: false, unseen: null })
  })
})
