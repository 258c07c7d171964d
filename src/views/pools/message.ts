import type { FormattedString } from '@grammyjs/parse-mode'
import type { PoolsPayload } from '../../domain/pools/message.ts'
import { durationText } from '../numbers.ts'
import { lines, type View, view } from '../view.ts'
import { lenderAlertView } from './lender-alert.ts'
import { tellingView } from './opportunities.ts'
import { percentText } from './parts.ts'
import { rangeAlertView } from './positions.ts'
import { rotationView } from './rotation.ts'

export interface PoolsForm {
  readonly nowMs: number
  /** Without names, formatting and buttons: Telegram refused the full text. */
  readonly plain: boolean
  readonly deliveryId: string
  /** An earlier attempt may have arrived. */
  readonly maybeRepeat: boolean
}

/** A message about opportunities out of what was committed; only the age of its data is of now. */
export function poolsMessageView(payload: PoolsPayload, form: PoolsForm): View {
  const repeat = form.maybeRepeat ? 'You may have got this before.' : null
  if (form.plain) return view(lines([...plainLines(payload), ageLine(payload, form), repeat]))
  const shown = fullView(payload, form)
  return repeat === null ? shown : view(lines([shown.body, repeat]), shown.buttons)
}

function fullView(payload: PoolsPayload, form: PoolsForm): View {
  const { seenAtMs } = payload
  switch (payload.about) {
    case 'opportunities':
      return tellingView({ ...payload.telling, told: payload.told, settled: [] }, { ...form, seenAtMs })
    case 'rotation':
      return aged(rotationView(payload), ageLine(payload, form))
    case 'lender':
      return lenderAlertView({ ...payload, ...form })
    case 'range':
      return aged(rangeAlertView(payload, payload), ageLine(payload, form))
  }
}

function aged({ body, buttons }: View, age: string): View {
  return view(lines([body, age]), buttons)
}

function ageLine({ seenAtMs }: PoolsPayload, { nowMs }: PoolsForm): string {
  return `Data is ${durationText(nowMs - seenAtMs)} old.`
}

function plainLines(payload: PoolsPayload): (FormattedString | string)[] {
  switch (payload.about) {
    case 'opportunities': {
      const { tips, more } = payload.telling
      return [
        `💧 ${tips.length + more} opportunities. /pools shows them.`,
        ...tips.map(
          ({ ranked: { opportunity } }, index) =>
            `${index + 1}. ${percentText(opportunity.yieldPerYear.total)} a year: ${opportunity.link}`,
        ),
      ]
    }
    case 'rotation':
      return ['💱 A deposit of yours would earn more elsewhere; I could not show where.']
    case 'lender':
      return [`A market that you lend to changed: ${payload.event.kind}. ${payload.opportunity.link}`]
    case 'range':
      return [`A position changed: ${payload.news}. ${payload.position.link}`]
  }
}
