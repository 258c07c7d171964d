import { FormattedString } from '@grammyjs/parse-mode'
import type { Verified } from '../domain/alerting/state.ts'
import { linesFor } from '../domain/thresholds.ts'
import { alertView } from './alert.ts'
import { lines, type View, view } from './view.ts'

const OWNER = '0x1234567890abcdef1234567890abcdef12345678'
const MILLI = 10n ** 15n

/** `/example`: an alert exactly as a real one looks, of a loan that does not exist. */
export function exampleView(nowMs: number): View {
  const reading = (milli: bigint, agoMs: number): Verified => ({
    health: { noDebt: false, healthWad: milli * MILLI, liquidatable: false },
    collateral: { amount: 270_000n, decimals: 2 },
    debt: { amount: 187_500n, decimals: 2 },
    unit: 'USD',
    block: 28_114_071 - Math.round(agoMs / 400),
    blockTimestamp: Math.round((nowMs - agoMs) / 1000),
    endpoint: 'rpc.monad.xyz',
    atMs: nowMs - agoMs,
  })
  const now = reading(1_080n, 2_000)
  const alert = alertView({
    rowId: 0,
    ref: {
      protocol: 'morpho',
      key: `morpho:example:${OWNER}`,
      owner: OWNER,
      market: 'example',
      marketName: 'WMON/USDC',
    },
    label: 'Main',
    transition: {
      kind: 'critical',
      episode: 1,
      seq: 1,
      from: 'warning',
      to: 'critical',
      newLow: false,
      repeat: false,
      badDebt: false,
      dust: false,
      lines: linesFor(1_360n * MILLI),
      before: reading(1_340n, 17_000),
      rangAtWad: null,
      reading: now,
      unseen: null,
      movedTo: null,
      liquidation: null,
      holdUntilMs: null,
    },
    createdAtMs: nowMs,
    readyAtMs: nowMs,
    confirm: 'confirmed',
    second: { endpoint: 'rpc1.monad.xyz', block: now.block + 1, health: now.health },
    told: [],
    overtaken: false,
    present: null,
    nowMs,
    deliveryId: '9AC9F0',
    maybeRepeat: false,
    appUrl: null,
  })
  return view(
    lines([
      FormattedString.b('EXAMPLE · this loan does not exist'),
      alert.body,
      '',
      'The first line is what your lock screen shows. /drill rings for real.',
    ]),
    alert.buttons.map((row) => row.map((button) => ({ text: button.text, data: 'example' }))),
  )
}
