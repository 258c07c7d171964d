import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Settlement } from '../../../db/outbox-settle.ts'
import type { SendOutcome } from '../../../src/delivery/sender.ts'
import { ALERTS, aTransition, NOW_MS, verified } from '../views/kit.ts'
import { aDelivery, after, type DeliveryOver, dispatching, senderDouble, shown } from './dispatcher-kit.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: NOW_MS })
})
afterEach(() => {
  vi.useRealTimers()
})

async function settlementOf(outcome: SendOutcome, over: DeliveryOver = {}): Promise<Settlement | undefined> {
  const { drain, settled } = dispatching([aDelivery(1, over)], { sender: senderDouble([outcome]) })
  await drain()
  expect(settled).toHaveLength(1)
  return settled[0]?.settlement
}

describe('what is settled after an attempt', () => {
  const error = 'why'

  it('is sent, with the id of the message', async () => {
    expect(await settlementOf({ kind: 'sent', messageId: 77 })).toEqual({ kind: 'sent', messageId: 77 })
  })

  it('is another try a second later when it surely did not leave', async () => {
    expect(await settlementOf({ kind: 'not-sent', error })).toEqual({
      kind: 'not-sent',
      error,
      againAtMs: NOW_MS + 1_000,
    })
  })

  it('is another try, to be labelled, when it may have arrived', async () => {
    expect(await settlementOf({ kind: 'unknown', error })).toEqual({
      kind: 'unknown',
      error,
      againAtMs: NOW_MS + 1_000,
    })
  })

  it('is a pause of exactly the time asked for after a rate limit, at any attempt', async () => {
    for (const attempt of [1, 9]) {
      expect(await settlementOf({ kind: 'rate-limited', retryAfterMs: 7_000 }, { attempt })).toEqual({
        kind: 'rate-limited',
        againAtMs: NOW_MS + 7_000,
      })
    }
  })

  it('is the short form when the text was refused', async () => {
    expect(await settlementOf({ kind: 'refused-text', error })).toEqual({ kind: 'refused-text', error })
  })

  it('is a later try, never a loss, when the short form was refused too', async () => {
    expect(await settlementOf({ kind: 'refused-text', error }, { plain: true })).toEqual({
      kind: 'not-sent',
      error,
      againAtMs: NOW_MS + 20_000,
    })
  })

  it('is that the chat is gone', async () => {
    expect(await settlementOf({ kind: 'unreachable', error })).toEqual({ kind: 'unreachable', error })
  })

  it('is that the chat moved', async () => {
    expect(await settlementOf({ kind: 'moved', toChatId: -100 })).toEqual({ kind: 'moved', toChatId: -100 })
  })

  it('is a later try after a fatal refusal: the alert is kept for the next start', async () => {
    expect(await settlementOf({ kind: 'fatal', error })).toMatchObject({ kind: 'not-sent', error })
  })

  it('backs off 1, 2, 4, 8, 16 and then always 20 seconds, sure or unsure', async () => {
    for (const kind of ['not-sent', 'unknown'] as const) {
      const waits: number[] = []
      for (const attempt of [1, 2, 3, 4, 5, 6, 7, 50, 2_000]) {
        const settlement = await settlementOf({ kind, error }, { attempt })
        if (settlement?.kind !== kind) throw new Error('not the settlement meant')
        waits.push((settlement.againAtMs - NOW_MS) / 1000)
      }
      expect(waits).toEqual([1, 2, 4, 8, 16, 20, 20, 20, 20])
    }
  })

  it('counts its wait from the end of the attempt, not from its start', async () => {
    const slow = after(15_000, { kind: 'rate-limited', retryAfterMs: 7_000 })
    const { drain, settled } = dispatching([aDelivery(1)], { sender: senderDouble([slow]) })
    const drained = drain()
    await vi.advanceTimersByTimeAsync(15_000)
    await drained
    expect(settled[0]).toMatchObject({
      settlement: { kind: 'rate-limited', againAtMs: NOW_MS + 22_000 },
      nowMs: NOW_MS + 15_000,
    })
  })

  it('is told with the delivery it belongs to', async () => {
    const onSettled = vi.fn()
    const delivery = aDelivery(5)
    await dispatching([delivery], { onSettled }).drain()
    expect(onSettled.mock.calls).toEqual([[delivery, { kind: 'sent', messageId: 1001 }]])
  })
})

describe('what is sent', () => {
  it('is the alert of the delivery, to its chat and topic', async () => {
    const sender = senderDouble()
    const delivery = aDelivery(1, {
      maybeRepeat: true,
      readyAtMs: NOW_MS - 90_000,
      chatId: -5,
      threadId: 8,
    })
    await dispatching([delivery], { sender }).drain()
    expect(sender.messages).toEqual([
      {
        chatId: -5,
        threadId: 8,
        silent: false,
        view: shown(delivery),
      },
    ])
  })

  it('is the short form for a text that was refused', async () => {
    const sender = senderDouble()
    const delivery = aDelivery(1, { plain: true })
    await dispatching([delivery], { sender }).drain()
    expect(sender.messages[0]?.view).toEqual(shown(delivery, true))
    expect(sender.messages[0]?.view).not.toEqual(shown(delivery))
  })

  it('is the short form where the full text cannot even be made', async () => {
    const sender = senderDouble()
    const transition = aTransition({ before: verified('1.6', { atMs: Number.NaN }) })
    const delivery = aDelivery(1, { transitions: [transition] })
    const { drain, errors, settled } = dispatching([delivery], { sender })
    await drain()
    expect(sender.messages[0]?.view).toEqual(shown(delivery, true))
    expect(settled[0]?.settlement.kind).toBe('sent')
    expect(errors).toHaveLength(1)
  })

  it('makes a sound for worse news and none for better', async () => {
    const sender = senderDouble()
    const all = ALERTS.map((transition, index) => aDelivery(index + 1, { transitions: [transition] }))
    const drained = dispatching(all, { sender }).drain()
    await vi.advanceTimersByTimeAsync(1_000)
    await drained
    const silent = new Map(sender.messages.map((message, index) => [ALERTS[index]?.kind, message.silent]))
    expect(Object.fromEntries(silent)).toEqual({
      warning: false,
      critical: false,
      liquidatable: false,
      liquidated: false,
      escalation: false,
      blind: false,
      recovered: true,
      sighted: true,
      closed: true,
      moved: true,
    })
  })

  it('counts as possibly arrived when the sender breaks its promise and throws', async () => {
    const sender = senderDouble([Promise.reject(new Error('a bug'))])
    const { drain, settled, errors } = dispatching([aDelivery(1), aDelivery(2)], { sender })
    await drain()
    expect(settled.find(({ rowId }) => rowId === 1)?.settlement).toMatchObject({ kind: 'unknown' })
    expect(settled.find(({ rowId }) => rowId === 2)?.settlement).toMatchObject({ kind: 'sent' })
    expect(errors).toHaveLength(1)
  })
})

describe('what is not a message', () => {
  const item = aDelivery(1).content
  const items = item.kind === 'alerts' ? item.items : []
  const edit = aDelivery(7, { content: { kind: 'edit', items, messageId: 55, deliveryId: 'RANG' } })

  it('is written into the message that rang', async () => {
    const sender = senderDouble()
    const { drain, settled } = dispatching([edit], { sender })
    await drain()
    expect(sender.messages).toEqual([])
    expect(sender.edits).toEqual([{ chatId: 7, messageId: 55, view: shown(edit) }])
    expect(settled[0]?.settlement).toEqual({ kind: 'sent', messageId: 55 })
  })

  it.each([
    ['refused-text', 'dropped'],
    ['not-sent', 'dropped'],
    ['unknown', 'dropped'],
    ['topic-gone', 'dropped'],
    ['unreachable', 'unreachable'],
  ] as const)('is tried once: after %s it is %s', async (kind, settlement) => {
    const { drain, settled } = dispatching([edit], { sender: senderDouble([{ kind, error: 'why' }]) })
    await drain()
    expect(settled.map((one) => one.settlement)).toEqual([{ kind: settlement, error: 'why' }])
  })

  it('is dropped without a call when there is nothing to write into', async () => {
    const sender = senderDouble()
    const nothing = aDelivery(7, { content: { kind: 'nothing' } })
    const { drain, settled } = dispatching([nothing], { sender })
    await drain()
    expect([...sender.messages, ...sender.edits]).toEqual([])
    expect(settled[0]?.settlement.kind).toBe('dropped')
  })
})

describe('without the lease', () => {
  it('nothing is claimed, and what was claimed is neither sent nor settled', async () => {
    const answers = [true, false]
    const sender = senderDouble()
    const { drain, claims, settled } = dispatching([aDelivery(1), aDelivery(2)], {
      sender,
      mayAct: () => answers.shift() ?? false,
    })
    const drained = drain()
    await vi.advanceTimersByTimeAsync(1_000)
    await drained
    expect(claims).toHaveLength(1)
    expect(sender.messages).toEqual([])
    expect(settled).toEqual([])
  })
})

describe('a chat that Telegram wants silence in', () => {
  it('is named to the claim until the silence is over', async () => {
    const limited: SendOutcome = { kind: 'rate-limited', retryAfterMs: 7_000 }
    const { drain, claims } = dispatching([aDelivery(5)], { sender: senderDouble([limited]) })
    await drain()
    await vi.advanceTimersByTimeAsync(6_999)
    await drain()
    expect(claims.at(-1)?.exceptChats).toEqual([5])
    await vi.advanceTimersByTimeAsync(1)
    await drain()
    expect(claims.at(-1)?.exceptChats).toEqual([])
  })
})
