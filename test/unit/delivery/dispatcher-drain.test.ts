import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Settlement } from '../../../db/outbox-settle.ts'
import type { SendOutcome } from '../../../src/delivery/sender.ts'
import type { Delivery } from '../../../src/domain/delivery.ts'
import { NOW_MS } from '../views/kit.ts'
import {
  aDelivery,
  after,
  deliveries,
  dispatching,
  type SenderDouble,
  senderDouble,
} from './dispatcher-kit.ts'

const SENT: SendOutcome = { kind: 'sent', messageId: 1 }

beforeEach(() => {
  vi.useFakeTimers({ now: NOW_MS })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('draining', () => {
  it('sends in the order in which it claims, each claim with a reference and time of its own', async () => {
    const sender = senderDouble()
    const { drain, claims, settled } = dispatching([aDelivery(3), aDelivery(1), aDelivery(2)], { sender })
    await drain()
    expect(sender.messages.map(({ chatId }) => chatId)).toEqual([3, 1, 2])
    expect(settled.map(({ rowId }) => rowId)).toEqual([3, 1, 2])
    expect(new Set(claims.map(({ newDeliveryId }) => newDeliveryId)).size).toBe(claims.length)
    expect(claims.every(({ nowMs }) => nowMs === NOW_MS)).toBe(true)
  })

  it('ends when nothing is left', async () => {
    const { drain, claims } = dispatching([])
    await drain()
    expect(claims).toHaveLength(1)
  })

  it('has at most eight messages under way, and keeps as many', async () => {
    let underWay = 0
    let most = 0
    const messages: SenderDouble['messages'] = []
    const sender: SenderDouble = {
      ...senderDouble(),
      messages,
      async send(message) {
        messages.push(message)
        underWay += 1
        most = Math.max(most, underWay)
        const outcome = await after(100 + message.chatId, SENT)
        underWay -= 1
        return outcome
      },
    }
    const { drain, settled } = dispatching(deliveries(100), { sender })
    const drained = drain()
    await vi.advanceTimersByTimeAsync(0)
    expect(messages).toHaveLength(8)
    await vi.advanceTimersByTimeAsync(60_000)
    await drained
    expect(most).toBe(8)
    expect(settled).toHaveLength(100)
  })

  it('does not let one slow chat hold up the others', async () => {
    const never = new Promise<SendOutcome>(() => undefined)
    const { drain, settled } = dispatching(deliveries(50), { sender: senderDouble([never]) })
    void drain()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(settled.map(({ rowId }) => rowId)).toEqual(Array.from({ length: 49 }, (_, index) => index + 2))
  })

  it('looks again for what became ready while the last message was under way', async () => {
    // The second alert of a chat is ready once the first is settled.
    const waiting = [aDelivery(1), aDelivery(2)]
    let busy = false
    const settled: number[] = []
    const { drain } = dispatching([], {
      sender: senderDouble([after(500, SENT), after(500, SENT)]),
      claim: () => {
        if (busy) return Promise.resolve(undefined)
        const next: Delivery | undefined = waiting.shift()
        busy = next !== undefined
        return Promise.resolve(next)
      },
      settle: ({ delivery }) => {
        settled.push(...delivery.rowIds)
        busy = false
        return Promise.resolve()
      },
    })
    const drained = drain()
    await vi.advanceTimersByTimeAsync(1_000)
    await drained
    expect(settled).toEqual([1, 2])
  })
})

describe('the stop of the process', () => {
  it('lets it claim nothing more, and waits for what is under way', async () => {
    const slow = Array.from({ length: 8 }, () => after(3_000, SENT))
    const { drain, claims, stopping } = dispatching(deliveries(20), { sender: senderDouble(slow) })
    let drained = false
    void drain().then(() => {
      drained = true
    })
    await vi.advanceTimersByTimeAsync(1_000)
    stopping.abort()
    await vi.advanceTimersByTimeAsync(1_999)
    expect(drained).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(drained).toBe(true)
    expect(claims).toHaveLength(8)
  })

  it('in the middle of a send still writes down that it was sent, so that nothing is repeated', async () => {
    const { drain, settled, stopping } = dispatching([aDelivery(1)], {
      sender: senderDouble([after(1_000, SENT)]),
    })
    const drained = drain()
    await vi.advanceTimersByTimeAsync(500)
    stopping.abort()
    await vi.advanceTimersByTimeAsync(500)
    await drained
    expect(settled.map(({ settlement }) => settlement)).toEqual([SENT])
  })

  it('is not held up by a database that takes nothing any more', async () => {
    const { drain, stopping } = dispatching([aDelivery(1)], {
      settle: () => Promise.reject(new Error('database is locked')),
    })
    let drained = false
    void drain().then(() => {
      drained = true
    })
    await vi.advanceTimersByTimeAsync(5_000)
    stopping.abort()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(drained).toBe(true)
  })
})

describe('a fatal refusal', () => {
  it('stops claiming for good and is reported once, with its reason', async () => {
    const sender = senderDouble([{ kind: 'fatal', error: '401 Unauthorized' }])
    const { drain, claims, settled, fatal } = dispatching(deliveries(20), { sender })
    await drain()
    const claimed = claims.length
    expect(claimed).toBeLessThanOrEqual(8)
    await drain()
    await drain()
    expect(claims).toHaveLength(claimed)
    expect(fatal).toEqual(['401 Unauthorized'])
    expect(settled).toHaveLength(claimed)
  })

  it('is reported also when the database takes nothing any more', async () => {
    const { drain, fatal } = dispatching([aDelivery(1)], {
      sender: senderDouble([{ kind: 'fatal', error: '401 Unauthorized' }]),
      settle: () => Promise.reject(new Error('database is full')),
    })
    void drain()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(fatal).toEqual(['401 Unauthorized'])
  })
})

describe('an outcome that cannot be written down', () => {
  const locked = new Error('database is locked')

  it('is reported and costs the other chats nothing', async () => {
    const settled: number[] = []
    const { drain, errors } = dispatching([aDelivery(1), aDelivery(2), aDelivery(3)], {
      settle: ({ delivery }) => {
        if (delivery.rowIds[0] === 2) return Promise.reject(locked)
        settled.push(...delivery.rowIds)
        return Promise.resolve()
      },
    })
    void drain()
    await vi.advanceTimersByTimeAsync(0)
    expect(settled).toEqual([1, 3])
    expect(errors).toContain(locked)
  })

  it('is written down once the database takes it, without sending again', async () => {
    const sender = senderDouble()
    const written: Settlement[] = []
    let failures = 30
    const { drain } = dispatching([aDelivery(1)], {
      sender,
      settle: ({ settlement }) => {
        failures -= 1
        if (failures >= 0) return Promise.reject(locked)
        written.push(settlement)
        return Promise.resolve()
      },
    })
    const drained = drain()
    await vi.advanceTimersByTimeAsync(29_999)
    expect(written).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    await drained
    expect(written).toEqual([{ kind: 'sent', messageId: 1001 }])
    expect(sender.messages).toHaveLength(1)
  })
})
