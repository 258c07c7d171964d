import { common } from './stryker.common.config.js'

export default {
  ...common,
  mutate: ['src/domain/alerting/*.ts'],
  vitest: { ...common.vitest, dir: 'test/unit' },
  thresholds: { high: 95, low: 90, break: 90 },
}
