import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

// One database is enough to see whether a test notices a change, and the other one is not always there.
delete process.env['BUOY_TEST_POSTGRES_URL']

const SLOW = ['episodes.test', 'settings.test', 'absurd.test', 'properties.test', 'alert-promises.test']

/** The quick ones first: a mutant is dead at the first test that fails. */
class QuickFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number =>
      SLOW.findIndex((slow) => moduleId.includes(slow))
    return Promise.resolve(
      [...files].sort((a, b) => rank(a) - rank(b) || a.moduleId.localeCompare(b.moduleId)),
    )
  }
}

/** The tests of `npm run mutants`: of the alerting rules under test/unit, of the outbox under test/contract. */
export default defineConfig({
  test: {
    include: [
      '**/domain/alerting/*.test.ts',
      '**/outbox-{claim,edits,settle,superseded,together}.test.ts',
      '**/{answering-alerts,commit-isolation,commit-transitions,confirmations}.test.ts',
      '**/{alert-promises,drills,give-up,history,lease,lines,liquidations,pairings,receipts}.test.ts',
    ],
    setupFiles: ['test/setup.ts'],
    env: { BUOY_TEST_NIGHTS: '60', BUOY_TEST_NO_SHRINKING: '1' },
    sequence: { sequencer: QuickFirst },
    // One worker runs all files: most of a mutant's time would go into starting one for each.
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
