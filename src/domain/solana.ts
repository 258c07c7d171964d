const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
/** What 32 bytes take in base58, from all zeros to all ones. */
const SHAPE = /^[1-9A-HJ-NP-Za-km-z]{32,44}$/
const KEY_BYTES = 32

/** Whether a text is a Solana address, of a wallet or of a token's mint: base58 of exactly 32 bytes. There is no checksum in it. */
export function isSolanaAddress(text: string): boolean {
  if (!SHAPE.test(text)) return false
  const zeros = /^1*/.exec(text)?.[0].length ?? 0
  let value = 0n
  for (const sign of text) value = value * 58n + BigInt(ALPHABET.indexOf(sign))
  const bytes = value === 0n ? 0 : Math.ceil(value.toString(16).length / 2)
  return zeros + bytes === KEY_BYTES
}
