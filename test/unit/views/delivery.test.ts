import { describe, expect, it } from 'vitest'
import type { Delivery, DeliveryItem } from '../../../src/domain/delivery.ts'
import { alertView } from '../../../src/views/alert.ts'
import { deliveryView } from '../../../src/views/delivery.ts'
import { ALERTS, aRef, aTransition, expectSendable, facts, HOSTILE_NAMES, NOW_MS, verified } from './kit.ts'

const form = { nowMs: NOW_MS, plain: false, appUrlOf: () => 'https://app.morpho.org/monad' }

function item(rowId: number, over: Partial<DeliveryItem> = {}): DeliveryItem {
  const { ref, label, transition, createdAtMs, confirm, second, told, overtaken, present } = facts()
  return { rowId, ref, label, transition, createdAtMs, confirm, second, told, overtaken, present, ...over }
}

function delivery(items: readonly DeliveryItem[], over: Partial<Delivery> = {}): Delivery {
  return {
    rowIds: items.map(({ rowId }) => rowId),
    deliveryId: '7F3A2C',
    chatId: 42,
    threadId: null,
    content: { kind: 'alerts', items },
    urgency: 20,
    createdAtMs: NOW_MS - 1_000,
    readyAtMs: NOW_MS - 1_000,
    attempt: 1,
    maybeRepeat: false,
    plain: false,
    ...over,
  }
}

const SECOND = item(18, {
  label: 'Spare',
  transition: aTransition({ kind: 'warning', to: 'warning', reading: verified('1.4') }),
})
const THIRD = item(19, {
  label: 'Old',
  transition: aTransition({ kind: 'recovered', from: 'warning', to: 'safe', reading: verified('1.7') }),
})

describe('a message with one alert', () => {
  it('is that alert', () => {
    expect(deliveryView(delivery([item(17)]), form)).toEqual(alertView(facts()))
  })
})

describe('a message with several alerts', () => {
  const view = deliveryView(delivery([item(17), SECOND, THIRD]), form)

  it('begins with the most urgent one in full and gives each other one its own lines', () => {
    expect(view.body.text).toBe(
      [
        alertView(facts()).body.text,
        '',
        '3 things to tell, the most urgent first.',
        '🟠 Spare · Morpho WMON/USDC · health 1.40 · 28.5 % to liquidation',
        'Repay about $967.75 of debt to get clear of 1.50.',
        '🟢 Old · Morpho WMON/USDC · recovered · health 1.70',
        'Above your line of 1.50 again.',
      ].join('\n'),
    )
  })

  it('has one button that answers all of them', () => {
    expect(view.buttons[0]?.[0]).toEqual({ text: 'Seen, all of it', data: 'seen:17' })
  })

  it('says once that it is late and may be a repeat', () => {
    const late = deliveryView(
      delivery([item(17), SECOND], { readyAtMs: NOW_MS - 120_000, maybeRepeat: true }),
      form,
    )
    expect(late.body.text.match(/Late by 2 min/g)).toHaveLength(1)
    expect(late.body.text.match(/May be a repeat of 7F3A2C/g)).toHaveLength(1)
  })

  it('keeps a line for every transition, however many and however long their names', () => {
    for (const name of HOSTILE_NAMES) {
      const items = Array.from({ length: 20 }, (_, index) =>
        item(index + 1, {
          label: `${index} ${name}`,
          ref: aRef({ marketName: name }),
          transition: ALERTS[index % ALERTS.length] ?? aTransition(),
        }),
      )
      const whole = deliveryView(delivery(items), form)
      expectSendable(whole)
      for (let index = 1; index < 20; index += 1) {
        expect(whole.body.text).toMatch(new RegExp(`(^|\\n)\\S+ (Nobody answered · )?${index} `, 'u'))
      }
    }
  })

  it('keeps them in the plain form too', () => {
    const plain = deliveryView(delivery([item(17), SECOND, THIRD]), { ...form, plain: true })
    expect(plain.body.text.split('\n')).toHaveLength(3)
    expect(plain.body.entities).toEqual([])
    expect(plain.buttons).toEqual([])
  })
})

describe('a message that is written anew because it is over', () => {
  it('stays as it rang, says so, and asks for nothing any more', () => {
    const content = { kind: 'edit', items: [item(17)], messageId: 5, deliveryId: 'OLD001' } as const
    const view = deliveryView(delivery([item(17)], { content }), form)
    expect(view.body.text).toContain('🔴 Main · Morpho WMON/USDC · health 1.08')
    expect(view.body.text).toContain('ref OLD001')
    expect(view.body.text).toMatch(/\n✅ Over: see the newer message\. Written 14:02 UTC\.$/)
    expect(view.buttons).toEqual([])
  })
})
