import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { compiledOnce } from '../../chain/compile-cache.ts'
import { loadMorphoArtifacts } from '../../chain/morpho/compile.ts'

// No process has this number: the kernel's own limit is far lower.
const ENDED_PID = 2 ** 30

let folder: string
let compilations: number

function wanted(outcome = 'compiled') {
  const compile = () => {
    compilations += 1
    return outcome
  }
  return compiledOnce({ folder, key: 'key', compile })
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'compile-cache-'))
  compilations = 0
})

afterEach(() => rm(folder, { recursive: true }))

describe('the cache of compiled contracts', () => {
  it('compiles once for all who ask at the same time, and leaves only the outcome', async () => {
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => wanted()))
    expect(new Set(outcomes)).toEqual(new Set(['compiled']))
    expect(compilations).toBe(1)
    expect(await readdir(folder)).toEqual(['key.json'])
  })

  it('waits for the process that holds the lock, and takes its outcome', async () => {
    await writeFile(join(folder, 'key.json.lock'), String(process.pid))
    const waiting = wanted()
    await writeFile(join(folder, 'key.json'), '"from the other process"')
    expect(await waiting).toBe('from the other process')
    expect(compilations).toBe(0)
  })

  it('takes over from a process that ended while it compiled', async () => {
    await writeFile(join(folder, 'key.json.lock'), String(ENDED_PID))
    expect(await wanted()).toBe('compiled')
    expect(await readdir(folder)).toEqual(['key.json'])
  })

  it('takes over a lock that is older than any compilation', async () => {
    const lock = join(folder, 'key.json.lock')
    await writeFile(lock, String(process.pid))
    const longAgo = new Date(Date.now() - 600_000)
    await utimes(lock, longAgo, longAgo)
    expect(await wanted()).toBe('compiled')
  })

  it('gives the lock back when the compiler fails', async () => {
    const broken = compiledOnce({
      folder,
      key: 'key',
      compile: () => {
        throw new Error('no such contract')
      },
    })
    await expect(broken).rejects.toThrow('no such contract')
    expect(await wanted()).toBe('compiled')
  })
})

describe('Morpho', () => {
  it('compiles from the sources in its package and then comes from the cache', async () => {
    const first = await loadMorphoArtifacts(folder)
    expect(first.morpho.bytecode.length).toBeGreaterThan(30_000)
    const [file, ...others] = await readdir(folder)
    expect(others).toEqual([])
    const marked = { Morpho: { abi: [], bytecode: '0xcafe' }, IrmMock: { abi: [], bytecode: '0xbeef' } }
    await writeFile(join(folder, file ?? ''), JSON.stringify(marked))
    const second = await loadMorphoArtifacts(folder)
    expect([second.morpho.bytecode, second.irm.bytecode]).toEqual(['0xcafe', '0xbeef'])
  }, 120_000)
})
