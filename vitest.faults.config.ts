import { defineConfig } from 'vitest/config'

/** The faults of docs/faults.md: each must come out well at the first try, and none may be left out. */
export default defineConfig({
  test: {
    include: ['test/faults/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    // Within a minute of everything being back an alert is out: that is promised.
    env: { BUOY_TEST_WAIT_MS: '60000' },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    pool: 'forks',
    retry: 0,
    allowOnly: false,
  },
})
