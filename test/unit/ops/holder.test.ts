import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { holderText, judgeHolder, ownHolder } from '../../../src/ops/holder.ts'

/** The own holder text with some of its five parts changed. */
function holderWith(change: Partial<Record<0 | 1 | 2 | 3 | 4, string>>): string {
  return ownHolder()
    .split('/')
    .map((part, index) => change[index as 0] ?? part)
    .join('/')
}

/** From its state on. */
function statOf(pid: string): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

describe('a holder of the lease', () => {
  it('is named by host and process', () => {
    expect(holderText('ada-box/1234/boot/4026531836/99')).toBe('host ada-box, process 1234')
    expect(ownHolder().split('/')).toHaveLength(5)
  })

  it('lives when it is this very process', () => {
    expect(judgeHolder(ownHolder())).toBe('alive')
  })

  it('is dead when its process is gone', async () => {
    const child = spawn(process.execPath, ['-e', ''])
    await once(child, 'exit')
    expect(judgeHolder(holderWith({ 1: String(child.pid) }))).toBe('dead')
  })

  it('is dead when it has ended and only its parent does not know yet', async () => {
    // The parent becomes a program that never asks after its child.
    const parent = spawn('sh', ['-c', 'sleep 0.05 & echo $!; exec sleep 20'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    try {
      const [said] = (await once(parent.stdout, 'data')) as [Buffer]
      const pid = said.toString().trim()
      for (;;) {
        const [state, ...rest] = statOf(pid)
        if (state === 'Z') {
          expect(judgeHolder(holderWith({ 1: pid, 4: rest[18] ?? '' }))).toBe('dead')
          break
        }
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    } finally {
      parent.kill('SIGKILL')
    }
  })

  it('is dead when another process has its number now', () => {
    expect(judgeHolder(holderWith({ 4: '1' }))).toBe('dead')
  })

  it('is unknown after a start of the system, in another container, or when it says too little', () => {
    expect(judgeHolder(holderWith({ 2: 'another-boot' }))).toBe('unknown')
    expect(judgeHolder(holderWith({ 3: '1' }))).toBe('unknown')
    expect(judgeHolder(holderWith({ 4: '' }))).toBe('unknown')
    expect(judgeHolder('somebody')).toBe('unknown')
    expect(judgeHolder('')).toBe('unknown')
  })
})
