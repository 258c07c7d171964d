import { describe, expect, it } from 'vitest'
import { shortAddress } from '../../../src/domain/address.ts'

describe('shortAddress', () => {
  it('keeps the first four and the last four digits', () => {
    expect(shortAddress('0x1234567890abcdef1234567890abcdef1234cdef')).toBe('0x1234…cdef')
  })
})
