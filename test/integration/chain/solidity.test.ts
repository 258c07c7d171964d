import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CompiledContract } from '../../chain/solc.ts'
import { compileSolidity } from '../../chain/solidity.ts'

const AGGREGATOR = { file: 'settable-price-aggregator.sol', contract: 'SettablePriceAggregator' }
const COMPILING_MS = 60_000

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'solidity-'))
})

afterEach(() => rm(folder, { recursive: true }))

async function onlyCacheFile(): Promise<string> {
  const [file, ...others] = await readdir(folder)
  expect(others).toEqual([])
  return join(folder, file ?? '')
}

describe('the Solidity compiler', () => {
  it(
    'compiles once and then reads its cache',
    async () => {
      const compiled = await compileSolidity(AGGREGATOR, folder)
      expect(compiled.bytecode).toMatch(/^0x[0-9a-f]{1000,}$/)
      const marked: CompiledContract = { ...compiled, bytecode: '0xcafe' }
      await writeFile(await onlyCacheFile(), JSON.stringify({ [AGGREGATOR.contract]: marked }))
      expect(await compileSolidity(AGGREGATOR, folder)).toEqual(marked)
    },
    COMPILING_MS,
  )

  it(
    'compiles again when the cache is damaged, and mends it',
    async () => {
      const compiled = await compileSolidity(AGGREGATOR, folder)
      const file = await onlyCacheFile()
      await writeFile(file, '{"bytecode":"0x12')
      expect(await compileSolidity(AGGREGATOR, folder)).toEqual(compiled)
      expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ [AGGREGATOR.contract]: compiled })
    },
    COMPILING_MS,
  )

  it(
    'names the file and the contract that it cannot make, and leaves the process as it was',
    async () => {
      const listeners = () =>
        process.listenerCount('unhandledRejection') + process.listenerCount('uncaughtException')
      const before = listeners()
      await expect(compileSolidity({ ...AGGREGATOR, contract: 'Nothing' }, folder)).rejects.toThrow(
        'settable-price-aggregator.sol does not compile to Nothing',
      )
      expect(listeners()).toBe(before)
    },
    COMPILING_MS,
  )
})
