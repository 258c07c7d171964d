import { common } from './stryker.common.config.js'

export default {
  ...common,
  mutate: ['db/outbox*.ts'],
  vitest: { ...common.vitest, dir: 'test/contract' },
  thresholds: { high: 90, low: 80, break: 80 },
}
