import type { EndpointSpec } from '../chain/endpoint.ts'
import { createHeadReference } from '../chain/head-reference.ts'
import type { Address } from '../domain/address.ts'
import type { Finding } from '../domain/finding.ts'
import type { BlockRef } from '../domain/position.ts'
import { EndpointError } from '../errors.ts'
import { checkEndpoint, type EndpointReport } from './check-endpoint.ts'
import { clockFinding } from './clock.ts'
import { limited } from './limited.ts'

export interface EndpointsDeps {
  readonly specs: readonly EndpointSpec[]
  readonly chainId: number
  readonly multicall3: Address
  readonly now: () => number
}

type Answered = EndpointReport & { readonly head: BlockRef }

/** Every endpoint by itself, then their heads against each other and the newest of them against this clock. */
export async function checkEndpoints(deps: EndpointsDeps): Promise<Finding[]> {
  const reports = new Map<EndpointSpec, EndpointReport>()
  const late = await Promise.all(
    deps.specs.map((spec) =>
      limited({
        what: `RPC ${new URL(spec.url).host}`,
        change: 'Look at this address in BUOY_RPC_URLS, or take it out',
        run: async (signal) => {
          reports.set(spec, await checkEndpoint({ ...deps, spec, signal }))
          return []
        },
      }),
    ),
  )
  const answered = [...reports.values()].filter((report): report is Answered => report.head !== null)
  const reference = createHeadReference(deps.now)
  for (const report of answered) reference.seen(report, report.head)
  const best = Math.max(...answered.map(({ head }) => head.number))
  const findings = deps.specs.flatMap((spec, index) => {
    const report = reports.get(spec)
    if (!report) return late[index] ?? []
    const apart = isAnswered(report) ? behindOthers(report, reference) : []
    return [endpointFinding({ ...report, faults: [...report.faults, ...apart] }, best)]
  })
  return [...findings, ...chainClock(answered)]
}

function isAnswered(report: EndpointReport): report is Answered {
  return report.head !== null
}

function behindOthers(
  report: Answered,
  reference: ReturnType<typeof createHeadReference>,
): EndpointReport['faults'] {
  try {
    reference.check(report, report.head)
    return []
  } catch (error) {
    if (!(error instanceof EndpointError)) throw error
    return [
      { detail: error.message, change: 'Buoy leaves it out; take it out of BUOY_RPC_URLS if it stays so' },
    ]
  }
}

function endpointFinding(report: EndpointReport, best: number): Finding {
  const { name, head, ageMs, tookMs, faults, doubts } = report
  const what = `RPC ${name}`
  const troubles = [...faults, ...doubts]
  if (troubles.length > 0) {
    return {
      mark: faults.length > 0 ? 'bad' : 'doubtful',
      what,
      detail: troubles.map(({ detail }) => detail).join('; '),
      change: [...new Set(troubles.map(({ change }) => change))].join('. '),
    }
  }
  const number = head?.number ?? 0
  const age = `${(Math.max(0, ageMs) / 1000).toFixed(1)} s old`
  const behind = best > number ? `${best - number} behind` : 'newest'
  const detail = `block ${number}, ${age}, ${behind}, ${tookMs} ms; reads, logs`
  return { mark: 'good', what, detail, change: null }
}

/** A block that is old everywhere, or in the future, is more likely a clock that is wrong. */
function chainClock(answered: readonly Answered[]): Finding[] {
  const newest = answered.reduce<Answered | null>(
    (best, report) => (best === null || report.head.number > best.head.number ? report : best),
    null,
  )
  return newest ? [clockFinding('newest block', newest.ageMs)] : []
}
