import type { Call } from './chain-reader.ts'

const DEFAULT_GAS = 100_000
/** Entry of the call and the three rows that prove the block. */
const BASE_GAS = 100_000
/** What a byte of calldata costs by itself, beyond the little that belongs to every call. */
const GAS_PER_BYTE = 40
const SHORT_BYTES = 100
const MAX_CALLS = 2_000
/** Digits of calldata; providers refuse bodies over 1 MB or less. */
const MAX_DIGITS = 512 * 1024
/** Offset, address, flag, offset of the bytes and their length, 64 digits each. */
const ROW_DIGITS = 5 * 64

/** Estimated gas of one request with these calls. */
export function estimateGas(calls: readonly Call[]): number {
  return calls.reduce((sum, call) => sum + gasOf(call), BASE_GAS)
}

function gasOf({ gas = DEFAULT_GAS, data }: Call): number {
  return gas + GAS_PER_BYTE * Math.max(0, (data.length - 2) / 2 - SHORT_BYTES)
}

/** Cuts calls into as few requests as the estimated gas, the bytes and the number allow, about equally big; order kept. */
export function cutIntoChunks(calls: readonly Call[], gasLimit: number): Call[][] {
  const total = estimateGas(calls) - BASE_GAS
  const room = Math.max(1, gasLimit - BASE_GAS)
  const even = total / Math.max(1, Math.ceil(total / room))
  const chunks: Call[][] = []
  let chunk: Call[] = []
  let gas = 0
  let digits = 0
  for (const call of calls) {
    const callGas = gasOf(call)
    const callDigits = ROW_DIGITS + Math.ceil((call.data.length - 2) / 64) * 64
    const full =
      gas >= even || gas + callGas > room || digits + callDigits > MAX_DIGITS || chunk.length >= MAX_CALLS
    if (full && chunk.length > 0) {
      chunks.push(chunk)
      chunk = []
      gas = 0
      digits = 0
    }
    chunk.push(call)
    gas += callGas
    digits += callDigits
  }
  if (chunk.length > 0) chunks.push(chunk)
  return chunks
}
