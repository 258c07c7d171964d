/** An account or contract, `0x` and 40 lower-case hex digits. The only form that is stored or compared. */
export type Address = `0x${string}`

/** `0x1234…abcd`: enough for a person to recognise, too little to look up. */
export function shortAddress(address: string): string {
  return `${address.slice(0, 6)}…${address.slice(-4)}`
}
