import { describe, expect, it } from 'vitest'
import {
  judgeSecondLook,
  needsSecondLook,
  secondLookOf,
} from '../../../../src/domain/alerting/second-look.ts'
import type { Transition } from '../../../../src/domain/alerting/transition.ts'
import { DEFAULT_SETTINGS } from '../../../../src/domain/chat-settings.ts'
import type { NoneReading, OkReading, Reading } from '../../../../src/domain/position.ts'
import { stepsOf, transitionsOf } from './series.ts'

const looked = (text: string): boolean[] =>
  transitionsOf(text, { rules: { repeatMinutes: DEFAULT_SETTINGS.repeatMinutes } }).map(needsSecondLook)

describe('a second look', () => {
  it('is taken at a fall to critical or deeper, also at the first reading', () => {
    expect(looked('1.1')).toEqual([true])
    expect(looked('1.13 1.12 0.99')).toEqual([false, true, true])
  })

  it('is taken at a jump of more than a fifth, and not at a fifth', () => {
    expect(looked('1.8 1.43')).toEqual([true])
    expect(looked('1.8 1.44')).toEqual([false])
    expect(looked('1.6 1.4')).toEqual([false])
  })

  it('is not taken at a repeat, a small new low, or what makes no sound', () => {
    expect(looked('1.1 +30min 1.1')).toEqual([true, false])
    expect(looked('1.1 1.09')).toEqual([true, false])
    expect(looked('1.1 1.9 +60s 1.9')).toEqual([true, false])
    // A jump by itself is no reason.
    expect(looked('0.5 +10min 0.7')).toEqual([true, false])
    expect(looked('1.1 1.3 +60s 1.9')).toEqual([true, false])
    expect(looked('1.6 ? +10min ?')).toEqual([false])
  })
})

describe('the verdict', () => {
  const rang = (text: string): Transition => {
    const last = transitionsOf(text).at(-1)
    if (!last) throw new Error('nothing rang')
    return last
  }
  const second = (token: string): Reading => {
    const [step] = stepsOf(token)
    if (!step) throw new Error('no reading')
    return step.reading
  }

  it('is confirmed when another endpoint sees the same level or a deeper one', () => {
    expect(judgeSecondLook(rang('1.1'), second('1.09@second'))).toBe('confirmed')
    expect(judgeSecondLook(rang('1.1'), second('0.9@second'))).toBe('confirmed')
    expect(judgeSecondLook(rang('0.9'), second('0.95@second'))).toBe('confirmed')
  })

  it('is confirmed when both are close, on whichever side of the line', () => {
    expect(judgeSecondLook(rang('1.12'), second('1.13@second'))).toBe('confirmed')
    expect(judgeSecondLook(rang('1.12'), second('1.15@second'))).toBe('disputed')
  })

  it('never confirms a liquidation by a health that is only close', () => {
    expect(judgeSecondLook(rang('0.999'), second('1.001@second'))).toBe('disputed')
  })

  it('is disputed when the other one sees a much better health, even at the same level', () => {
    // A false fall within the warning, and a false zero of what really is liquidatable.
    expect(judgeSecondLook(rang('1.49 1.15'), second('1.48@second'))).toBe('disputed')
    expect(judgeSecondLook(rang('0'), second('0.98@second'))).toBe('disputed')
    expect(judgeSecondLook(rang('0.5'), second('0.6@second'))).toBe('confirmed')
    expect(judgeSecondLook(rang('0.5'), second('0.61@second'))).toBe('disputed')
  })

  it('is confirmed when the other one sees a much worse one', () => {
    expect(judgeSecondLook(rang('1.1'), second('0@second'))).toBe('confirmed')
  })

  it('is unconfirmed when the same endpoint said it twice, or the other one says nothing', () => {
    expect(judgeSecondLook(rang('1.1'), second('1.1@first'))).toBe('unconfirmed')
    expect(judgeSecondLook(rang('1.1'), second('?'))).toBe('unconfirmed')
  })

  it('is disputed when the other one knows no such loan or no debt', () => {
    expect(judgeSecondLook(rang('0.9'), second('none@second'))).toBe('disputed')
    expect(judgeSecondLook(rang('0.9'), second('nodebt@second'))).toBe('disputed')
  })

  it('is disputed when the same endpoint takes it back', () => {
    const back = second('1.6@first') as OkReading
    expect(judgeSecondLook(rang('0.41'), back)).toBe('disputed')
  })

  it('is kept with where it came from and what it saw', () => {
    const ok = second('1.09@second') as OkReading
    const at = { endpoint: 'second', block: ok.block.number }
    expect(secondLookOf(ok)).toEqual({ ...at, health: ok.health })
    expect(secondLookOf(second('none@second') as NoneReading)).toEqual({ ...at, health: 'none' })
  })
})
