import { FormattedString, fmt } from '@grammyjs/parse-mode'
import type { ProtocolId } from '../domain/position.ts'
import { PROTOCOL_NAMES } from './names.ts'
import { lines, type View, view } from './view.ts'

const EXAMPLE = '/add 0x1234567890abcdef1234567890abcdef12345678 1.4 Main'

/** `/start`: what it is, in three lines. */
export function startView(protocols: readonly ProtocolId[], stopped: boolean): View {
  return view(
    lines([
      FormattedString.b('Buoy watches loans on Monad and wakes you before a liquidation.'),
      `Send me a wallet address (0x…) and I look at it at once: ${protocolList(protocols)}. No key, no wallet connection.`,
      'Then press Watch, and I ring when its health falls, also when I can no longer see it.',
      stopped ? '⏸ Alerts are off in this chat. /resume turns them on.' : null,
    ]),
    [
      [
        { text: 'My wallets', data: 'list' },
        { text: 'See a sample alert', data: 'showexample' },
        { text: 'Help', data: 'help' },
      ],
    ],
  )
}

/** `/help`: every command with an example. */
export function helpView(protocols: readonly ProtocolId[]): View {
  const command = (usage: string, what: string): FormattedString => fmt`${FormattedString.b(usage)} ${what}`
  return view(
    lines([
      command('/add', 'address [threshold] [label]: watch a wallet (also /monitor)'),
      fmt`   ${FormattedString.code(EXAMPLE)}`,
      command('/check', '[label, address or protocol]: read now, worst first'),
      command('/position', '[label, address, protocol or market]: tokens, rates, liquidation prices'),
      command('/rescue', '[same] [number]: what to repay or add to reach your line (also /repay)'),
      command('/list', 'your wallets and when they ring'),
      command('/threshold', '[label] [protocol] [market] [number] [critical number]: when I ring'),
      command('/settings', 'quiet hours, repeats, small debts, second chat'),
      command('/pair', 'code: hear here what another chat does not answer; /unpair ends it'),
      command('/label', 'label or address, new label: rename a wallet'),
      command('/remove', 'label or address: stop watching one'),
      command('/snooze', '[time]: quiet for 1 h, 30m, 2h … at the present levels; /snooze off'),
      command('/history', 'the alerts of the last 30 days'),
      command('/pools', '[tokens]: where money earns most now, with why'),
      command('/poolalerts', 'on, off, a preset or one rule: which opportunities I tell of'),
      command('/tokens', '[add or remove, mint or address]: the tokens you want to hear of'),
      command('/lp', '[Solana wallet] [label]: tells when a position on Meteora leaves its range'),
      command('/example', 'how an alert looks'),
      command('/drill', 'a loan that does not exist falls: does it wake you?'),
      command('/stop', 'no more alerts in this chat; settings stay'),
      command('/resume', 'alerts again'),
      command('/status', 'is everything all right'),
      command('/protocols', 'what I watch, with links'),
      '',
      'Or just paste an address: I look without storing it.',
      '',
      fmt`${FormattedString.b('Health')} is collateral, weighted, divided by debt. At 1.00 a loan can be liquidated. A threshold of 1.40 rings when health falls to 1.40; a second, critical line lies a quarter of the way from 1 to it.`,
      `I watch ${protocolList(protocols)}. I only read public data; I can be wrong or down, so keep a margin.`,
    ]),
    [
      [
        { text: 'Check now', data: 'check' },
        { text: 'My wallets', data: 'list' },
      ],
    ],
  )
}

function protocolList(protocols: readonly ProtocolId[]): string {
  return protocols.map((protocol) => PROTOCOL_NAMES[protocol]).join(', ')
}
