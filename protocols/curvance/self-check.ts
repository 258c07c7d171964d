import type { Address } from '../../src/domain/address.ts'
import type { CheckLine, ContractRef } from '../strategy.ts'
import { registryAbi } from './abi.ts'
import { addressOf } from './answers.ts'
import type { Market } from './markets.ts'
import { readParts } from './parts.ts'
import { positionRef, type ReadContext } from './read.ts'

/** An address that nobody can own a loan with. */
const NOBODY: Address = '0x0000000000000000000000000000000000000001'
const REGISTRY = 'BUOY_CURVANCE_REGISTRY'
const REMEDY = `loans in it cannot be read until this is over; if it lasts, see ${REGISTRY} and BUOY_RPC_URLS`

/** The registry, the ProtocolReader or that it is done without, and every market read as reading does. */
export async function selfCheckCurvance(
  context: ReadContext & { readonly contracts: readonly ContractRef[] },
): Promise<CheckLine[]> {
  const { registry, markets, at } = context
  const there = await at.hasCode(registry)
  const registryLine: CheckLine = {
    ok: there,
    what: `Curvance registry ${registry}`,
    detail: there ? 'code found' : `no contract at this address; see ${REGISTRY}`,
  }
  const { byId, unresolved, registryRead } = await markets.at(at)
  const [oracleManager] = await at.call([
    { to: registry, data: registryAbi.encodeFunctionData('oracleManager') },
  ])
  const oracle = addressOf(oracleManager)
  const readerLine = await checkReader(context)
  const marketLines = await checkMarkets([...byId.values()], context)
  return [
    registryLine,
    {
      ok: registryRead,
      what: 'Curvance markets',
      detail: registryRead ? `${byId.size} markets` : `the registry does not list them; see ${REGISTRY}`,
    },
    {
      ok: oracle !== null,
      what: 'Curvance oracle',
      detail: oracle ?? `the registry does not name it; see ${REGISTRY}`,
    },
    readerLine,
    ...unresolved.map((id) => ({
      ok: false,
      what: `Curvance market ${id}`,
      detail: `does not answer as a market manager; see ${REGISTRY}`,
    })),
    ...marketLines,
  ]
}

/** A reader that cannot be used is not an outage: reading goes on without it, with the same numbers. */
async function checkReader({
  reader,
  contracts,
  at,
}: Parameters<typeof selfCheckCurvance>[0]): Promise<CheckLine> {
  const contract = contracts.find(({ configuredBy }) => configuredBy !== REGISTRY)
  const what = contract ? `${contract.what} ${contract.address}` : 'Curvance ProtocolReader'
  const fault = await reader.fault(at)
  if (fault === null) return { ok: true, what, detail: 'answers in the known shape' }
  if (fault === 'none configured') return { ok: true, what, detail: 'none configured: reading without it' }
  return {
    ok: false,
    what,
    detail: `replaced or changed (${fault}): reading without it; see BUOY_CURVANCE_READER`,
  }
}

async function checkMarkets(list: readonly Market[], { registry, at }: ReadContext): Promise<CheckLine[]> {
  const answers = await readParts(
    list.map((market) => ({ ref: positionRef(NOBODY, market), market })),
    { registry, at },
  )
  return list.map((market, index) => {
    const answer = answers[index]
    const what = `${market.name} ${market.id}`
    return answer?.kind === 'empty' || answer?.kind === 'ok'
      ? { ok: true, what, detail: `${market.tokens.length} tokens` }
      : { ok: false, what, detail: `${answer?.detail ?? 'could not be read'}; ${REMEDY}` }
  })
}
