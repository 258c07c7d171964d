import type { Call, CallResult, ChainReader } from '../../src/chain/chain-reader.ts'

/** A double: the real chain, but every answer to calls that begin with `selector` is changed. */
export function changingReaderDouble(
  real: ChainReader,
  { selector, change }: { selector: string; change: (result: CallResult) => CallResult },
): ChainReader {
  function changed(calls: readonly Call[], results: readonly CallResult[]): CallResult[] {
    return results.map((result, index) =>
      calls[index]?.data.startsWith(selector) === true ? change(result) : result,
    )
  }
  return {
    ...real,
    call: async (calls) => changed(calls, await real.call(calls)),
    async sequences(sequences) {
      const results = await real.sequences(sequences)
      return sequences.map((calls, index) => changed(calls, results[index] ?? []))
    },
  }
}
