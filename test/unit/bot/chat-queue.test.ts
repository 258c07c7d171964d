import { describe, expect, it } from 'vitest'
import { createChatQueue } from '../../../src/bot/chat-queue.ts'

/** A task that ends when told to, and writes down its start and end. */
function taskFor(name: string, log: string[]): { run: () => Promise<void>; end: () => void } {
  let end: () => void = () => undefined
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  return {
    async run() {
      log.push(`${name} starts`)
      await ended
      log.push(`${name} ends`)
    },
    end: () => {
      end()
    },
  }
}

/** Lets everything that can go on without a timer go on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}

describe('the chat queue', () => {
  it('answers one chat in the order of its questions', async () => {
    const log: string[] = []
    const queue = createChatQueue()
    const [first, second] = [taskFor('first', log), taskFor('second', log)]
    queue.run(1, first.run)
    queue.run(1, second.run)
    second.end()
    await settle()
    expect(log).toEqual(['first starts'])
    first.end()
    await queue.idle()
    expect(log).toEqual(['first starts', 'first ends', 'second starts', 'second ends'])
  })

  it('does not let a slow answer in one chat hold up another', async () => {
    const log: string[] = []
    const queue = createChatQueue()
    const [slow, quick] = [taskFor('slow', log), taskFor('quick', log)]
    queue.run(1, slow.run)
    queue.run(2, quick.run)
    quick.end()
    await settle()
    expect(log).toEqual(['slow starts', 'quick starts', 'quick ends'])
    slow.end()
    await queue.idle()
  })

  it('takes five tasks of a chat and refuses the sixth without running it', async () => {
    const log: string[] = []
    const queue = createChatQueue()
    const tasks = Array.from({ length: 6 }, (_, index) => taskFor(`task ${index}`, log))
    expect(tasks.map((task) => queue.run(1, task.run))).toEqual([true, true, true, true, true, false])
    for (const task of tasks) task.end()
    await queue.idle()
    expect(log.filter((line) => line.endsWith('ends'))).toHaveLength(5)
    expect(log).not.toContain('task 5 starts')
  })

  it('counts the five for each chat by itself', async () => {
    const queue = createChatQueue()
    const log: string[] = []
    const tasks = Array.from({ length: 10 }, (_, index) => taskFor(`task ${index}`, log))
    expect(tasks.every((task, index) => queue.run(index % 2, task.run))).toBe(true)
    for (const task of tasks) task.end()
    await queue.idle()
  })

  it('takes tasks of a chat again once it has answered', async () => {
    const queue = createChatQueue()
    const log: string[] = []
    const tasks = Array.from({ length: 5 }, (_, index) => taskFor(`task ${index}`, log))
    for (const task of tasks) queue.run(1, task.run)
    tasks[0]?.end()
    await settle()
    expect(queue.run(1, () => Promise.resolve())).toBe(true)
    expect(queue.run(1, () => Promise.resolve())).toBe(false)
    for (const task of tasks) task.end()
    await queue.idle()
  })

  it('is idle at once when nothing was asked', async () => {
    await expect(createChatQueue().idle()).resolves.toBeUndefined()
  })

  it('is not idle before a task that came while it waited has ended', async () => {
    const queue = createChatQueue()
    const log: string[] = []
    const [first, second] = [taskFor('first', log), taskFor('second', log)]
    queue.run(1, first.run)
    const idle = queue.idle().then(() => log.push('idle'))
    queue.run(1, second.run)
    first.end()
    await settle()
    second.end()
    await idle
    expect(log).toEqual(['first starts', 'first ends', 'second starts', 'second ends', 'idle'])
  })
})
