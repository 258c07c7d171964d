import type { CallResult, ChainReader } from '../../src/chain/chain-reader.ts'

/** A double: the real chain, but every answer to calls that begin with `selector` is changed. */
export function changingReaderDouble(
  real: ChainReader,
  { selector, change }: { selector: string; change: (result: CallResult) => CallResult },
): ChainReader {
  return {
    ...real,
    async call(calls) {
      const results = await real.call(calls)
      return results.map((result, index) =>
        calls[index]?.data.startsWith(selector) === true ? change(result) : result,
      )
    },
  }
}
