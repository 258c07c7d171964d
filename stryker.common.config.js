/** What both halves of `npm run mutants` have in common. */
export const common = {
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutants.config.ts', related: false },
  ignorePatterns: ['/docs', '/data', '/dist', '/coverage', '/reports', '/bin'],
  concurrency: 2,
  timeoutMS: 15_000,
  timeoutFactor: 2,
  reporters: ['progress', 'clear-text'],
  clearTextReporter: { allowEmojis: false, logTests: false, reportTests: false },
}
