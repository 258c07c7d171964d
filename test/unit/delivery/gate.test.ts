import { beforeEach, describe, expect, it } from 'vitest'
import { createGate, type Gate } from '../../../src/delivery/gate.ts'
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts'

const never = new AbortController().signal
let clock: VirtualClock
let gate: Gate

beforeEach(() => {
  clock = createVirtualClock(1_000_000)
  gate = createGate(clock)
})

/** When each of these left, in milliseconds from now on. */
async function times(count: number, leave: (index: number) => Promise<unknown>): Promise<number[]> {
  const startMs = clock.now()
  const left: number[] = []
  const all = Array.from({ length: count }, async (_, index) => {
    await leave(index)
    left.push(clock.now() - startMs)
  })
  await clock.run(Promise.all(all))
  return left
}

async function alert(chatId: number): Promise<void> {
  const slot = await gate.slot(never)
  slot?.use(chatId)
}

/** The most that left within any one second. */
function mostPerSecond(left: readonly number[]): number {
  return Math.max(...left.map((start) => left.filter((at) => at >= start && at < start + 1_000).length))
}

describe('the pace of all chats together', () => {
  it('is twenty-eight replies in any second', async () => {
    const left = await times(100, (index) => gate.reply(index + 1))
    expect(mostPerSecond(left)).toBe(28)
    expect(Math.max(...left)).toBe(3_000)
  })

  it('leaves three of them for replies, however many alerts wait', async () => {
    const left = await times(100, (index) => alert(index + 1))
    expect(mostPerSecond(left)).toBe(25)
    const alerts = times(60, (index) => alert(1_000 + index))
    const replies = await times(3, (index) => gate.reply(9_000 + index))
    expect(Math.max(...replies)).toBe(0)
    await alerts
  })

  it('counts a slot that is held, and gives back one that is not used', async () => {
    const held = await Promise.all(Array.from({ length: 25 }, () => gate.slot(never)))
    let got = false
    const waiting = gate.slot(never).then((slot) => {
      got = true
      slot?.release()
    })
    await clock.advance(500)
    expect(got).toBe(false)
    held[0]?.release()
    held[0]?.release()
    await clock.advance(1_000)
    expect(got).toBe(true)
    await waiting
    for (const slot of held) slot?.release()
    expect(await times(25, (index) => alert(index + 1))).toEqual(Array.from({ length: 25 }, () => 0))
  })

  it('lets nobody through once the process stops', async () => {
    await times(25, (index) => alert(index + 1))
    const stopping = new AbortController()
    const waiting = gate.slot(stopping.signal)
    stopping.abort()
    expect(await clock.run(waiting)).toBeUndefined()
    expect(await gate.slot(stopping.signal)).toBeUndefined()
  })
})

describe('the pace of one chat', () => {
  it('is one alert a second', async () => {
    await alert(5)
    expect(gate.busyChats()).toEqual([5])
    await clock.advance(999)
    expect(gate.busyChats()).toEqual([5])
    await clock.advance(1)
    expect(gate.busyChats()).toEqual([])
  })

  it('is one reply a second, the first five at once for somebody who types fast', async () => {
    expect(await times(8, () => gate.reply(5))).toEqual([0, 0, 0, 0, 0, 1_000, 2_000, 3_000])
    await clock.advance(60_000)
    const typed: number[] = []
    for (let index = 0; index < 12; index += 1) typed.push(...(await times(1, () => gate.reply(5))))
    expect(typed.reduce((sum, ms) => sum + ms, 0)).toBe(7_000)
  })

  it('holds an alert back after a reply, and others not', async () => {
    await gate.reply(5)
    expect(gate.busyChats()).toEqual([5])
    expect(await times(1, () => gate.reply(6))).toEqual([0])
  })

  it('is twenty a minute in a group, of which talk leaves four for alerts', async () => {
    const left = await times(30, () => gate.reply(-5))
    expect(left.filter((ms) => ms < 60_000)).toHaveLength(16)
    const atMs = clock.now()
    await times(1, () => alert(-5))
    await clock.advance(1_000)
    expect(gate.busyChats()).toEqual([])
    expect(clock.now() - atMs).toBe(1_000)
  })

  it('is twenty alerts a minute in a group', async () => {
    for (let count = 0; count < 20; count += 1) {
      expect(gate.busyChats()).toEqual([])
      await alert(-5)
      await clock.advance(1_000)
    }
    expect(gate.busyChats()).toEqual([-5])
    await clock.advance(39_999)
    expect(gate.busyChats()).toEqual([-5])
    await clock.advance(1)
    expect(gate.busyChats()).toEqual([])
  })
})

describe('the silence that Telegram asks for', () => {
  it('holds everything for that chat, and nothing for another', async () => {
    gate.silence(5, 7_000)
    expect(gate.busyChats()).toEqual([5])
    const startMs = clock.now()
    const reply = gate.reply(5).then(() => clock.now() - startMs)
    expect(await times(1, () => gate.reply(6))).toEqual([0])
    expect(await clock.run(reply)).toBe(7_000)
  })

  it('is never cut short by a shorter one', async () => {
    gate.silence(5, 7_000)
    gate.silence(5, 1_000)
    await clock.advance(6_999)
    expect(gate.busyChats()).toEqual([5])
    await clock.advance(1)
    expect(gate.busyChats()).toEqual([])
  })

  it('is not waited for by a reply when it is long', async () => {
    gate.silence(5, 30_001)
    expect(await gate.reply(5)).toBe(false)
    await clock.advance(1)
    expect(await clock.run(gate.reply(5))).toBe(true)
  })
})

describe('what is kept in memory', () => {
  it('is five thousand chats at most, even if all are to be left alone', () => {
    for (let chatId = 1; chatId <= 12_000; chatId += 1) gate.silence(chatId, 60_000 + chatId)
    const busy = gate.busyChats()
    expect(busy.length).toBeLessThanOrEqual(5_000)
    // The longest silences are the ones that are remembered.
    expect(busy).toContain(12_000)
    expect(Math.min(...busy)).toBeGreaterThan(7_000)
  })

  it('is nothing of chats that were quiet for a minute, when there is need of room', async () => {
    for (let chatId = 1; chatId <= 4_999; chatId += 1) gate.silence(chatId, 1_000)
    gate.silence(7_777, 3_600_000)
    await clock.advance(2_000)
    for (let chatId = 10_001; chatId <= 14_000; chatId += 1) gate.silence(chatId, 1_000)
    expect(gate.busyChats()).toHaveLength(4_001)
    expect(gate.busyChats()).toContain(7_777)
  })
})
