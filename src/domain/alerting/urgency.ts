import type { AlertKind, Transition } from './decide.ts'

const URGENCY: Record<AlertKind, number> = {
  liquidatable: 10,
  critical: 20,
  warning: 50,
  blind: 60,
  recovered: 70,
  sighted: 70,
  closed: 70,
  moved: 70,
}
const BLIND_WHILE_CRITICAL = 30

/** Order of delivery: lower goes first. */
export function urgencyOf(transition: Pick<Transition, 'kind' | 'from'>): number {
  const deep = transition.from === 'critical' || transition.from === 'liquidatable'
  return transition.kind === 'blind' && deep ? BLIND_WHILE_CRITICAL : URGENCY[transition.kind]
}

/** Whether the message makes a sound: worse always rings, better never wakes. */
export function rings(kind: AlertKind): boolean {
  switch (kind) {
    case 'liquidatable':
    case 'critical':
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
