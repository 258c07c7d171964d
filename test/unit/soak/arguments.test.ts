import { describe, expect, it } from 'vitest'
import { readArguments } from '../../soak/arguments.ts'

describe('the arguments of the soak', () => {
  it('are minutes and a seed', () => {
    expect(readArguments(['--minutes', '20'])).toEqual({ minutes: 20, seed: 1 })
    expect(readArguments(['--minutes=3', '--seed', '7'])).toEqual({ minutes: 3, seed: 7 })
  })

  it.each([
    [[]],
    [['--minutes', '']],
    [['--minutes', 'x']],
    [['--minutes', '2']],
    [['--minutes', '3.5']],
    [['--minutes', '1e9']],
  ])('are refused with an example: %j', (args) => {
    expect(() => readArguments(args)).toThrow(
      /whole number from 3 to 10080\. .*Example: npm run soak -- --minutes 20/,
    )
  })

  it('take no seed that is no number', () => {
    expect(() => readArguments(['--minutes', '3', '--seed', 'x'])).toThrow(/--seed takes .* I read “x”/)
  })
})
