import { common } from './stryker.common.config.js'

export default {
  ...common,
  mutate: ['db/outbox*.ts', 'db/commit-transitions.ts'],
  // The queries are typed: a column, state or operator that does not exist is refused by the type checker.
  mutator: { excludedMutations: ['StringLiteral'] },
  vitest: { ...common.vitest, dir: 'test/contract' },
  thresholds: { high: 90, low: 80, break: 80 },
}
