import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { EndpointStats } from '../../../src/chain/endpoint.ts'
import { apiSetting } from '../../../src/doctor/api-setting.ts'
import { readArguments } from '../../../src/doctor/arguments.ts'
import { checkApis } from '../../../src/doctor/check-apis.ts'
import { checkNode, diskFinding, OLDEST_NODE } from '../../../src/doctor/check-machine.ts'
import { clockFinding } from '../../../src/doctor/clock.ts'
import { limited } from '../../../src/doctor/limited.ts'

const STATS: EndpointStats = {
  name: "Morpho's API",
  state: 'ready',
  calls: 5,
  callsPerMinute: 0,
  errors: 1,
  queued: 0,
  lastError: 'HTTP 500',
}

describe('a check with a limit', () => {
  const check = { what: 'Something', change: 'Look at BUOY_X' }

  it('that takes too long is one bad line, and is told to end', async () => {
    let ended = false
    const lines = await limited({
      ...check,
      limitMs: 10,
      run: (signal) => {
        signal.addEventListener('abort', () => {
          ended = true
        })
        return new Promise(() => undefined)
      },
    })
    const detail = 'no answer within 0.01 s'
    expect(lines).toEqual([{ mark: 'bad', what: 'Something', detail, change: 'Look at BUOY_X' }])
    expect(ended).toBe(true)
  })

  it('that throws is one bad line with the reason', async () => {
    const [line] = await limited({ ...check, run: () => Promise.reject(new TypeError('odd')) })
    expect(line).toMatchObject({ mark: 'bad', detail: 'could not be checked (TypeError: odd)' })
  })
})

describe('the clock', () => {
  it.each([
    [4_999, 'good'],
    [-5_001, 'doubtful'],
    [30_000, 'doubtful'],
    [-30_001, 'bad'],
  ] as const)('that is %s ms ahead is %s', (aheadMs, mark) => {
    const { mark: found, detail } = clockFinding('Telegram', aheadMs)
    expect(found).toBe(mark)
    expect(detail).toContain(aheadMs < 0 ? 'behind' : 'ahead')
  })
})

describe('the machine', () => {
  it('needs the Node that package.json asks for', () => {
    const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } }
    expect(engines.node).toBe(`>=${OLDEST_NODE}`)
    expect(
      ['18.20.0', '20.18.9', '20.19.0', '22.0.0', '24.3.1'].map((version) => checkNode(version).mark),
    ).toEqual(['bad', 'bad', 'good', 'good', 'good'])
  })

  it('needs room on its disk', () => {
    expect([99, 100, 1_023, 1_024].map((mib) => diskFinding(mib).mark)).toEqual([
      'bad',
      'doubtful',
      'doubtful',
      'good',
    ])
    expect(diskFinding(99.7).detail).toBe('99 MiB free')
    expect(diskFinding(2_048).detail).toBe('2.0 GiB free')
  })
})

describe('an API beside the chain', () => {
  it('is bad when it failed while it was watched, with its setting', () => {
    const after = { ...STATS, calls: 7, errors: 2 }
    expect(checkApis([STATS], [after])).toEqual([
      { mark: 'bad', what: "Morpho's API", detail: 'HTTP 500', change: 'Look at BUOY_MORPHO_API_URL' },
    ])
    expect(checkApis([STATS], [{ ...STATS, state: 'resting' }])).toMatchObject([{ mark: 'bad' }])
  })

  it('is not blamed for failures of long ago', () => {
    expect(checkApis([STATS], [{ ...STATS, calls: 7 }])).toMatchObject([
      { mark: 'good', detail: 'answers (2 requests)' },
    ])
    expect(checkApis([STATS], [STATS])).toMatchObject([{ mark: 'good', detail: 'no check had to ask it' }])
  })

  it('is found in a sentence about it', () => {
    expect(apiSetting("Morpho's API: HTTP 503; 0 known from before")).toBe('BUOY_MORPHO_API_URL')
    expect(apiSetting('Morpho does not answer')).toBeNull()
    expect(apiSetting('the API of somebody')).toBeNull()
  })
})

describe('the arguments of the doctor', () => {
  it('are none, --json or --help', () => {
    expect(readArguments([])).toEqual({ kind: 'examine', json: false })
    expect(readArguments(['--json'])).toEqual({ kind: 'examine', json: true })
    expect(readArguments(['--json', '-h'])).toEqual({ kind: 'help' })
    expect(readArguments(['fix'])).toEqual({ kind: 'wrong', why: 'There is no argument fix; see --help.' })
  })
})
