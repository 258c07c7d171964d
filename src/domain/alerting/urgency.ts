import type { Transition } from './transition.ts'

/** What an outbox row is: a position's alert, or a message about no position. */
export const MESSAGE_KINDS = ['receipt', 'pools', 'digest', 'broadcast', 'edit'] as const
export type MessageKind = (typeof MESSAGE_KINDS)[number]

/** Order of delivery: lower goes first; inside a kind the lowest health. Drills go behind everything that is real. */
const URGENCY: Record<Transition['kind'] | MessageKind | 'drill', number> = {
  liquidated: 5,
  liquidatable: 10,
  critical: 20,
  escalation: 40,
  warning: 50,
  blind: 60,
  recovered: 70,
  sighted: 70,
  closed: 70,
  moved: 70,
  receipt: 80,
  pools: 84,
  digest: 86,
  broadcast: 88,
  drill: 90,
  edit: 95,
}
const BLIND_WHILE_CRITICAL = 30

export function urgencyOf(transition: Pick<Transition, 'kind' | 'from'>): number {
  const deep = transition.from === 'critical' || transition.from === 'liquidatable'
  return transition.kind === 'blind' && deep ? BLIND_WHILE_CRITICAL : URGENCY[transition.kind]
}

export function urgencyOfMessage(kind: MessageKind | 'drill'): number {
  return URGENCY[kind]
}

/** Whether the message makes a sound: worse always rings, better never wakes. */
export function rings(kind: Transition['kind']): boolean {
  switch (kind) {
    case 'liquidated':
    case 'liquidatable':
    case 'critical':
    case 'escalation':
    case 'warning':
    case 'blind':
      return true
    case 'recovered':
    case 'sighted':
    case 'closed':
    case 'moved':
      return false
  }
}
