import { readFile } from 'node:fs/promises'
import { getChainAddresses } from '@morpho-org/blue-sdk'
import { buildSchema, parse, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import { MORPHO, PRE_LIQUIDATION_FACTORY } from '../../../protocols/morpho/addresses.ts'
import { MARKETS_QUERY, POSITIONS_QUERY, PRICES_QUERY, SHOWN_QUERY } from '../../../protocols/morpho/api.ts'

describe('what Buoy assumes about Morpho', () => {
  it("is at the addresses that Morpho's own library has for Monad", () => {
    const addresses = getChainAddresses(143)
    expect(addresses.blue?.toLowerCase()).toBe(MORPHO)
    expect(addresses.preLiquidationFactory?.toLowerCase()).toBe(PRE_LIQUIDATION_FACTORY)
  })

  it.each([
    ['positions', POSITIONS_QUERY],
    ['markets', MARKETS_QUERY],
    ['prices', PRICES_QUERY],
    ['shown', SHOWN_QUERY],
  ])('asks for %s in a way that the schema knows', async (_, query) => {
    const sdl = await readFile(new URL('../../fakes/morpho-api/schema.graphql', import.meta.url), 'utf8')
    expect(validate(buildSchema(sdl), parse(query))).toEqual([])
    expect(validate(buildSchema(sdl), parse(query.replace('items', 'elements')))).not.toEqual([])
  })
})
