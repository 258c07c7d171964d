import { describe, expect, it } from 'vitest'
import { createPairingCode, createPairTries, isCode } from '../../../src/bot/pairing-code.ts'

describe('a pairing code', () => {
  it('has eight signs, none that is easily mistaken for another', () => {
    const all = Array.from({ length: 31 }, (_, index) => createPairingCode(() => index))
    expect(new Set(all).size).toBe(31)
    for (const code of all) {
      expect(code).toMatch(/^[2-9A-HJKMNP-Z]{8}$/)
      expect(isCode(code)).toBe(true)
    }
  })

  it('takes a new random number for each sign', () => {
    let next = 0
    const code = createPairingCode((below) => {
      next += 1
      return next % below
    })
    expect(code).toBe('3456789A')
  })

  it.each(['', '3456789', '3456789AB', '345678 9', '345678O9', '3456789a', '345678💥'])(
    'is not “%s”',
    (text) => {
      expect(isCode(text)).toBe(false)
    },
  )
})

describe('wrong codes', () => {
  it('are counted per chat, each for an hour', () => {
    let nowMs = 0
    const tries = createPairTries({ now: () => nowMs })
    for (let count = 0; count < 5; count += 1) {
      expect(tries.mayTry(1)).toBe(true)
      tries.wrong(1)
      nowMs += 1_000
    }
    expect(tries.mayTry(1)).toBe(false)
    expect(tries.mayTry(2)).toBe(true)
    nowMs = 3_600_000
    expect(tries.mayTry(1)).toBe(true)
    tries.wrong(1)
    expect(tries.mayTry(1)).toBe(false)
  })

  it('of a flood of chats are not kept without end, and the newest count', () => {
    const tries = createPairTries({ now: () => 0 })
    for (let chat = 0; chat < 10_001; chat += 1) for (let count = 0; count < 5; count += 1) tries.wrong(chat)
    expect(tries.mayTry(0)).toBe(true)
    expect(tries.mayTry(1)).toBe(false)
    expect(tries.mayTry(10_000)).toBe(false)
  })
})
