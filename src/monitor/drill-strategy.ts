import type { LendingStrategy } from '../../protocols/strategy.ts'
import type { ChainReader } from '../chain/chain-reader.ts'
import type { Address } from '../domain/address.ts'
import { drillReading, isDrill, isDrillOwner } from '../domain/drill.ts'
import type { NoneReading, Reading } from '../domain/position.ts'

export interface WithDrillsDeps {
  readonly now: () => number
  /** When the exercises of these shadows began; one that is over is not among them. */
  readonly startsOf: (owners: readonly Address[]) => Promise<ReadonlyMap<string, number>>
}

/**
 * A strategy that also reads the shadows of exercises, by their script, at the same block and through the same calls as what is
 * real. It finds none, knows no details of any, and leaves everything else to the protocol.
 */
export function withDrills(strategy: LendingStrategy, { now, startsOf }: WithDrillsDeps): LendingStrategy {
  return {
    ...strategy,
    async read(refs, at) {
      const real = refs.filter((ref) => !isDrill(ref))
      if (real.length === refs.length) return await strategy.read(refs, at)
      const starts = await startsOf(refs.filter(isDrill).map(({ owner }) => owner))
      const readings = real.length > 0 ? await strategy.read(real, at) : []
      let next = 0
      return refs.map((ref): Reading => {
        if (isDrill(ref)) {
          const startedAtMs = starts.get(ref.owner)
          return startedAtMs === undefined ? nothing(at) : drillReading(now() - startedAtMs, seenAt(at))
        }
        next += 1
        return readings[next - 1] ?? unanswered
      })
    },
    async discover(owners, at) {
      const real = owners.filter((owner) => !isDrillOwner(owner))
      const found = real.length > 0 ? await strategy.discover(real, at) : []
      let next = 0
      return owners.map((owner) => {
        if (isDrillOwner(owner)) return { kind: 'complete', refs: [] }
        next += 1
        return found[next - 1] ?? { kind: 'partial', refs: [], reason: 'the protocol reader gave no answer' }
      })
    },
    inspect: (ref, at) => (isDrill(ref) ? Promise.resolve(nothing(at)) : strategy.inspect(ref, at)),
    rescue: (request, at) =>
      isDrill(request.ref) ? Promise.resolve(nothing(at)) : strategy.rescue(request, at),
  }
}

const unanswered: Reading = {
  kind: 'unknown',
  reason: 'decode',
  detail: 'the protocol reader gave no answer',
}

function seenAt({ block, endpoint }: ChainReader): Pick<NoneReading, 'block' | 'endpoint'> {
  return { block, endpoint }
}

function nothing(at: ChainReader): NoneReading {
  return { kind: 'none', ...seenAt(at) }
}
