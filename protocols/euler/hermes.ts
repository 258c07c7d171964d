import { z } from 'zod'
import type { Api, ApiOptions } from '../../src/chain/api.ts'
import { ApiError } from '../../src/errors.ts'

/** Pyth's own price service. */
export interface Hermes {
  /** Signed prices of these feeds (at most 25), as Pyth's contract takes them. Failures are ApiError. */
  latest(feeds: readonly string[], request: ApiOptions): Promise<readonly string[]>
}

export const MAX_FEEDS = 25
const MAX_DIGITS = 200_000

const answer = z.object({
  binary: z.object({
    encoding: z.literal('hex'),
    data: z
      .array(
        z
          .string()
          .max(MAX_DIGITS)
          .regex(/^(0x)?([0-9a-f]{2})+$/i)
          .transform((text) => (text.startsWith('0x') ? text : `0x${text}`)),
      )
      .min(1)
      .max(MAX_FEEDS),
  }),
})

export function createHermes(deps: { url: string; api: Pick<Api, 'fetch'> }): Hermes {
  return {
    async latest(feeds, request) {
      const url = new URL('v2/updates/price/latest', deps.url.endsWith('/') ? deps.url : `${deps.url}/`)
      for (const feed of feeds) url.searchParams.append('ids[]', feed)
      url.searchParams.append('encoding', 'hex')
      const response = await deps.api.fetch(request)(url)
      const text = await response.text()
      const parsed = response.ok ? answer.safeParse(jsonIn(text)).data : undefined
      if (!parsed) throw new ApiError('bad-answer', { message: 'an answer without price updates' })
      return parsed.binary.data
    },
  }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // What is not JSON is not an answer; the schema says so.
    return undefined
  }
}
