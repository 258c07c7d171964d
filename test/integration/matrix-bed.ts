import { createApi } from '../../src/chain/api.ts'
import { createCurvanceDoubles } from '../chain/curvance/doubles.ts'
import { createEulerDoubles } from '../chain/euler/doubles.ts'
import { createLocalChain } from '../chain/local-chain.ts'
import { startFakeEulerSubgraph } from '../fakes/euler-subgraph/server.ts'
import { createFakeMorphoApi } from '../fakes/morpho-api/index.ts'
import { createLookout, type Lookout } from './matrix-kit.ts'
import { type Stage, type StageName, stageOf } from './matrix-stages.ts'

/** One test's view of the chain: fresh strategies that know nothing, and two endpoints that are well. */
export interface MatrixTest extends Lookout {
  stage(name: StageName): Stage
  /** Takes back what happened on the chain as well. */
  stop(): Promise<void>
}

/** One chain with all four protocols on it. */
export interface MatrixBed {
  begin(): Promise<MatrixTest>
  stop(): Promise<void>
}

export async function createMatrixBed(): Promise<MatrixBed> {
  const chain = await createLocalChain()
  const euler = await createEulerDoubles(chain)
  const curvance = await createCurvanceDoubles(chain)
  return {
    async begin() {
      const snapshot = await chain.snapshot()
      const morphoApi = await createFakeMorphoApi()
      morphoApi.followChain(chain)
      const subgraph = await startFakeEulerSubgraph()
      const morphoUpstream = createApi({
        url: morphoApi.url,
        requestsPerSecond: 200,
        timeoutMs: 2_000,
        maxBytes: 1_000_000,
        now: () => performance.now(),
        random: () => 0,
        name: "Morpho's API",
      })
      const lookout = await createLookout(chain)
      const parts = { chain, euler, curvance, morphoApi, morphoUpstream, subgraph }
      return {
        ...lookout,
        stage: (name) => stageOf(name, parts),
        async stop() {
          await lookout.stop()
          await morphoUpstream.stop()
          await Promise.all([morphoApi.stop(), subgraph.stop()])
          await chain.revert(snapshot)
        },
      }
    },
    stop: () => chain.stop(),
  }
}
