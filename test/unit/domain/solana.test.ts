import { describe, expect, it } from 'vitest'
import { isSolanaAddress } from '../../../src/domain/solana.ts'

describe('a Solana address', () => {
  it.each([
    'So11111111111111111111111111111111111111112',
    'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v',
    '7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU',
    '11111111111111111111111111111111',
    // 2^256 - 1: the largest there is.
    'JEKNVnkbo3jma5nREBBJCDoXFVeKkD56V3xKrvRmWxFG',
  ])('is base58 of 32 bytes: %s', (text) => {
    expect(isSolanaAddress(text)).toBe(true)
  })

  it.each([
    ['one more than the largest', 'JEKNVnkbo3jma5nREBBJCDoXFVeKkD56V3xKrvRmWxFH'],
    ['two signs too few', 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt'],
    ['one sign too many', 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v1'],
    ['a zero instead of a letter', '0PjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v'],
    ['33 bytes, the first of them zero', '111111111111111111111111111111111'],
    ['an address of Monad', '0x1234567890abcdef1234567890abcdef12345678'],
    ['a line break behind it', 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v\n'],
    ['spaces around it', ' EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v '],
    ['nothing', ''],
    ['a megabyte', '1'.repeat(1_000_000)],
  ])('is not %s', (_, text) => {
    expect(isSolanaAddress(text)).toBe(false)
  })
})
