import type { EndpointStats } from '../chain/endpoint.ts'
import type { Finding } from '../domain/finding.ts'
import { apiSetting } from './api-setting.ts'

/** How the APIs beside the chain answered between two looks at their counters, while the protocols were checked. */
export function checkApis(before: readonly EndpointStats[], after: readonly EndpointStats[]): Finding[] {
  return after.map((api) => {
    const earlier = before.find(({ name }) => name === api.name)
    const errors = api.errors - (earlier?.errors ?? 0)
    const calls = api.calls - (earlier?.calls ?? 0)
    if (errors > 0 || api.state === 'resting') {
      const detail = api.lastError ?? 'left alone after a failure'
      return {
        mark: 'bad',
        what: api.name,
        detail,
        change: `Look at ${apiSetting(api.name) ?? 'its address'}`,
      }
    }
    if (calls > 0) {
      return { mark: 'good', what: api.name, detail: `answers (${calls} requests)`, change: null }
    }
    return { mark: 'good', what: api.name, detail: 'no check had to ask it', change: null }
  })
}
