import type { Address } from '../../src/domain/address.ts'

// Sources and how sure each one is: NOTES.md.
export const CENTRAL_REGISTRY: Address = '0x1310f352f1389969ece6741671c4b919523912ff'

/** Replaced several times a year: the self-check says when, and reading goes on without it. */
export const PROTOCOL_READER: Address = '0xc5e6dd26095cc1fa2369f7885df263e150228d8b'
