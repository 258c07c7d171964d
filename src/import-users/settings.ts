import type { ImportedThreshold } from '../../db/import-users.ts'
import type { Address } from '../domain/address.ts'
import { PROTOCOL_IDS, type ProtocolId } from '../domain/position.ts'
import { parseThreshold } from '../domain/thresholds.ts'
import { describeJson, type ExactJson, membersOf, textOf } from './exact-json.ts'
import { named } from './printable.ts'
import type { Problem } from './problem.ts'

type Place = Pick<ImportedThreshold, 'scope' | 'target'>

export interface WalletSettings {
  readonly thresholds: readonly ImportedThreshold[]
  /** `where` begins inside the settings. */
  readonly problems: readonly Problem[]
}

/** A contract or a 32-byte id; nothing else was ever the id of a market. */
const MARKET_ID = /^0x(?:[0-9a-f]{40}|[0-9a-f]{64})$/i
const WITHOUT = 'The wallet is imported without it.'
const WITHOUT_THESE = 'The wallet is imported without the thresholds in there.'

/** Reads the settings of one wallet: `default_threshold` and `protocols`. What is wrong is listed, the rest is used. */
export function readSettings(owner: Address, settings: ExactJson): WalletSettings {
  const thresholds: ImportedThreshold[] = []
  const problems: Problem[] = []

  function problem(where: readonly string[], what: string): void {
    problems.push({ where, what })
  }

  function members(value: ExactJson, where: readonly string[]): [string, ExactJson][] {
    const found = membersOf(value)
    if (!found) problem(where, `read ${describeJson(value)}, expected an object. ${WITHOUT_THESE}`)
    return found ?? []
  }

  function threshold(value: ExactJson, set: { where: readonly string[] } & Place): void {
    const warningWad = parseThreshold(textOf(value) ?? '')
    if (warningWad !== undefined) {
      thresholds.push({ scope: set.scope, target: set.target, warningWad })
      return
    }
    problem(set.where, `read ${describeJson(value)}, expected a plain number from 1.001 to 10. ${WITHOUT}`)
  }

  function unknownField(where: readonly string[]): void {
    problem(where, `Buoy does not know this field. ${WITHOUT}`)
  }

  function market(protocol: ProtocolId, [id, value]: [string, ExactJson]): void {
    const where = [protocol, `market ${named(id)}`]
    if (!MARKET_ID.test(id)) {
      problem(where, `expected a market id: 0x and 40 or 64 digits 0-9 a-f. ${WITHOUT_THESE}`)
      return
    }
    for (const [field, member] of members(value, where)) {
      const target = `${protocol}:${id.toLowerCase()}:${owner}`
      if (field === 'threshold')
        threshold(member, { scope: 'position', target, where: [...where, 'threshold'] })
      else unknownField([...where, named(field)])
    }
  }

  function protocol([name, value]: [string, ExactJson]): void {
    const id = PROTOCOL_IDS.find((known) => known === name)
    if (id === undefined) {
      problem([`protocol ${named(name)}`], `expected one of ${PROTOCOL_IDS.join(', ')}. ${WITHOUT_THESE}`)
      return
    }
    for (const [field, member] of members(value, [id])) {
      if (field === 'threshold')
        threshold(member, { scope: 'protocol', target: id, where: [id, 'threshold'] })
      else if (field === 'markets') for (const entry of members(member, [id, 'markets'])) market(id, entry)
      else unknownField([id, named(field)])
    }
  }

  for (const [field, member] of members(settings, [])) {
    if (field === 'default_threshold')
      threshold(member, { scope: 'wallet', target: '', where: ['default_threshold'] })
    else if (field === 'protocols') for (const entry of members(member, ['protocols'])) protocol(entry)
    else unknownField([named(field)])
  }
  return { thresholds, problems }
}
