import type { CallResult, ChainReader } from '../../src/chain/chain-reader.ts'
import { createRandom } from './random.ts'

/** What can be wrong with an answer of a contract. Lengths always change: bytes of the right length are an answer. */
const CORRUPTIONS: readonly ((data: string, random: ReturnType<typeof createRandom>) => string)[] = [
  () => '0x',
  (data, random) => data.slice(0, Number(random.bigint(0n, BigInt(Math.max(0, data.length - 1))))),
  (data) => `${data}00`,
  (data) => `${data}${'00'.repeat(32)}`,
  (data, random) => `0x${hex(random, data.length / 2 + Number(random.bigint(1n, 40n)))}`,
  (data, random) => `0x${hex(random, Math.max(0, data.length / 2 - 1 - Number(random.bigint(1n, 31n))))}`,
  (data) => data.replace(/[0-9a-f]$/, 'z'),
  () => 'not hex at all',
  () => '',
]

function hex(random: ReturnType<typeof createRandom>, bytes: number): string {
  return Array.from({ length: Math.max(0, Math.floor(bytes)) }, () =>
    random.bigint(0n, 255n).toString(16).padStart(2, '0'),
  ).join('')
}

export interface Corruption {
  readonly seed: number
  /** How many of the answers are touched, 0 to 1. */
  readonly share: number
}

/** A double: the real chain, some of whose successful answers arrive damaged. */
export function corruptingReader(real: ChainReader, { seed, share }: Corruption): ChainReader {
  const random = createRandom(seed)
  function damage(result: CallResult): CallResult {
    if (!random.chance(share)) return result
    return { ok: result.ok, data: random.pick(CORRUPTIONS)(result.data, random) }
  }
  return {
    ...real,
    call: async (calls) => (await real.call(calls)).map(damage),
    sequences: async (sequences) => (await real.sequences(sequences)).map((results) => results.map(damage)),
  }
}
