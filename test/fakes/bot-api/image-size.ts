const PNG_START = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const UNKNOWN = { width: 320, height: 320 }

/** The size of a PNG in pixels; a stand-in for every other kind of picture. */
export function imageSize(bytes: Buffer): { width: number; height: number } {
  const isPng = bytes.length >= 24 && bytes.subarray(0, 8).equals(PNG_START)
  return isPng ? { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) } : UNKNOWN
}
