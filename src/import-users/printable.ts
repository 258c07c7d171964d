import { shortAddress } from '../domain/address.ts'

const MAX_SHOWN = 40

/** Text of a stranger's file, safe for a terminal and not too long. */
export function printable(text: string): string {
  const cut = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text
  return cut.replace(/[^\x20-\x7e…]/g, '?')
}

/** A name or id of the file in quotes; long hexadecimal ones are shortened, since they can be addresses. */
export function named(text: string): string {
  return /^0x\S{12,}$/i.test(text) ? printable(shortAddress(text)) : `"${printable(text)}"`
}
