import { describe, expect, it } from 'vitest'
import type { Opportunity } from '../../../../src/domain/pools/opportunity.ts'
import {
  COOLDOWN_MS,
  decideTelling,
  MOST_FIRST_TIPS,
  MOST_TIPS,
  type Telling,
  type TellingFacts,
  type Told,
} from '../../../../src/domain/pools/tell.ts'
import { aLoan, NOW_MS, ranked } from './kit.ts'

/** A chat over time: what it was told is what it is shown. */
function createChat(has: TellingFacts['has'] = { yieldPerYear: null, keys: new Set() }) {
  const told = new Map<string, Told>()
  let now = NOW_MS
  return {
    told,
    look(yields: Record<string, number>, change: { afterMs?: number; accepted?: boolean } = {}): Telling {
      now += change.afterMs ?? COOLDOWN_MS
      const all: Opportunity[] = Object.entries(yields).map(([id, total]) => aLoan(total, { id }))
      const telling = decideTelling({
        ranked: all.map(ranked),
        told,
        rules: { multiplier: 1.3 },
        has,
        first: told.size === 0,
        nowMs: now,
      })
      if (change.accepted !== false) for (const one of telling.told) told.set(one.key, one)
      for (const one of telling.settled) told.set(one.key, one)
      return telling
    },
  }
}

function said({ tips }: Telling): string[] {
  return tips.map(({ ranked: { opportunity }, reason }) => `${reason} ${opportunity.id}`)
}

describe('what a chat is told', () => {
  it('is everything there is in one digest at first, and then nothing while nothing changes', () => {
    const chat = createChat()
    expect(chat.look({ a: 0.2, b: 0.1 })).toMatchObject({ first: true, more: 0 })
    expect(said(chat.look({ a: 0.2, b: 0.1 }))).toEqual([])
    expect(said(chat.look({ a: 0.2, b: 0.1, c: 0.3 }))).toEqual(['new c'])
  })

  it('is what grew by the multiplier over what was told, also when it grew slowly', () => {
    const chat = createChat()
    chat.look({ a: 0.2 })
    expect(said(chat.look({ a: 0.22 }))).toEqual([])
    expect(said(chat.look({ a: 0.24 }))).toEqual([])
    expect(said(chat.look({ a: 0.261 }))).toEqual(['better a'])
  })

  it('is nothing when a pool vanishes and returns as it was, however often', () => {
    const chat = createChat()
    chat.look({ a: 0.2, b: 0.3 })
    for (let round = 0; round < 5; round += 1) {
      expect(said(chat.look({ b: 0.3 }))).toEqual([])
      expect(said(chat.look({ a: 0.2, b: 0.3 }))).toEqual([])
    }
    expect(said(chat.look({ a: 0.3, b: 0.3 }))).toEqual(['better a'])
  })

  it('divides by nothing when 0 was told, and needs a step that is worth a message', () => {
    const chat = createChat()
    const zero: Told = { key: 'morpho:a', yieldPerYear: 0, score: 0, atMs: 0, risen: false }
    chat.told.set(zero.key, zero)
    expect(said(chat.look({ a: 0.005 }))).toEqual([])
    expect(said(chat.look({ a: 0.05 }))).toEqual(['better a'])
  })

  it('is no opportunity without a yield, or with one that is no number', () => {
    const chat = createChat()
    expect(said(chat.look({ a: 0, b: Number.NaN, c: -1 }))).toEqual([])
  })

  it('is not the same pool again before the cooldown is over', () => {
    const chat = createChat()
    chat.look({ a: 0.2 })
    expect(said(chat.look({ a: 0.4 }, { afterMs: COOLDOWN_MS - 1 }))).toEqual([])
    expect(said(chat.look({ a: 0.4 }, { afterMs: 1 }))).toEqual(['better a'])
  })

  it('is no swing around the line: once risen, only a bigger step counts until it was back', () => {
    const chat = createChat()
    chat.look({ a: 0.2 })
    expect(said(chat.look({ a: 0.26 }))).toEqual(['better a'])
    expect(said(chat.look({ a: 0.345 }))).toEqual([])
    expect(said(chat.look({ a: 0.2 }))).toEqual([])
    expect(chat.told.get('morpho:a')?.risen).toBe(false)
    expect(said(chat.look({ a: 0.345 }))).toEqual(['better a'])
    expect(said(chat.look({ a: 0.6 }))).toEqual(['better a'])
  })

  it('swings a hundred times around the line and is told once', () => {
    const chat = createChat()
    chat.look({ a: 0.2 })
    let messages = 0
    for (let round = 0; round < 100; round += 1) {
      messages += chat.look({ a: round % 2 === 0 ? 0.261 : 0.259 }).tips.length
    }
    expect(messages).toBe(1)
  })

  it('fits one message; the rest is counted, not marked, and comes next', () => {
    const chat = createChat()
    const yields = Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`p${index}`, 0.5]))
    const first = chat.look(yields)
    expect([first.tips.length, first.more, chat.told.size]).toEqual([MOST_FIRST_TIPS, 7, MOST_FIRST_TIPS])
    const second = chat.look(yields, { afterMs: 300_000 })
    expect([second.tips.length, second.more]).toEqual([MOST_TIPS, 2])
    expect(chat.look(yields, { afterMs: 300_000 })).toMatchObject({ more: 0, tips: { length: 2 } })
    expect(chat.look(yields, { afterMs: 300_000 }).tips).toEqual([])
  })

  it('is told again when the message was not accepted', () => {
    const chat = createChat()
    chat.look({ a: 0.2 })
    expect(said(chat.look({ a: 0.2, b: 0.3 }, { accepted: false }))).toEqual(['new b'])
    expect(said(chat.look({ a: 0.2, b: 0.3 }))).toEqual(['new b'])
  })

  it('is better than what the people have, and never what they have', () => {
    const chat = createChat({ yieldPerYear: 0.2, keys: new Set(['morpho:mine']) })
    expect(said(chat.look({ mine: 0.9, little: 0.25, more: 0.26 }))).toEqual(['new more'])
  })

  it('is anything that pays when what they have pays nothing', () => {
    const chat = createChat({ yieldPerYear: 0, keys: new Set() })
    expect(said(chat.look({ a: 0.05, b: 0.001 }))).toEqual(['new a'])
  })
})
