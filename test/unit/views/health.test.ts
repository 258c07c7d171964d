import { describe, expect, it } from 'vitest'
import { healthPhrase } from '../../../src/views/health.ts'

const WAD = 10n ** 18n

describe("health beside the figure of the protocol's own app", () => {
  it.each([
    [1_030_717_948_717_948_717n, 'health 1.03 (3.0 % in its app)'],
    [WAD, 'health 1.0000 (0.0 % in its app)'],
    [(105n * WAD) / 100n, 'health 1.05 (5.0 % in its app)'],
    [(3n * WAD) / 2n, 'health 1.50 (50.0 % in its app)'],
    [979_182_051_282_051_282n, 'health 0.97 (-2.1 % in its app)'],
    [WAD - 1n, 'health 0.9999 (-0.1 % in its app)'],
    [5_000n * WAD, 'health > 1000 (> 100,000 % in its app)'],
  ])('is never told better than it is: %s', (healthWad, text) => {
    expect(healthPhrase({ noDebt: false, healthWad, liquidatable: healthWad < WAD }, 'curvance')).toBe(text)
  })

  it('is told only where the app counts differently, and only with a debt', () => {
    const health = { noDebt: false, healthWad: (3n * WAD) / 2n, liquidatable: false } as const
    expect(healthPhrase(health, 'euler')).toBe('health 1.50')
    expect(healthPhrase(health)).toBe('health 1.50')
    expect(healthPhrase({ noDebt: true }, 'curvance')).toBe('no debt')
  })
})
