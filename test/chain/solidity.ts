import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface CompiledContract {
  abi: readonly object[]
  /** Creation code, 0x-prefixed, fully linked. */
  bytecode: string
}

export interface SolidityContract {
  /** File name in `test/chain/contracts`. */
  file: string
  contract: string
}

interface Solc {
  compile: (standardJsonInput: string) => string
}

interface SolcOutput {
  errors?: { severity: 'error' | 'warning' | 'info'; formattedMessage: string }[]
  contracts?: Record<string, Record<string, { abi: object[]; evm: { bytecode: { object: string } } }>>
}

const require = createRequire(import.meta.url)
const CACHE_FOLDER = fileURLToPath(new URL('../../.cache/solidity/', import.meta.url))
const SETTINGS = {
  optimizer: { enabled: true, runs: 200 },
  evmVersion: 'paris',
  outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
}

/** Compiles one of our contracts, or takes it from the cache when neither source, settings nor compiler changed. */
export async function compileSolidity(
  wanted: SolidityContract,
  cacheFolder = CACHE_FOLDER,
): Promise<CompiledContract> {
  const source = await readFile(new URL(`./contracts/${wanted.file}`, import.meta.url), 'utf8')
  const { version } = require('solc/package.json') as { version: string }
  const key = createHash('sha256')
    .update(JSON.stringify([version, SETTINGS, wanted, source]))
    .digest('hex')
  const cachePath = join(cacheFolder, `${key}.json`)
  const cached = await readCached(cachePath)
  if (cached !== undefined) return cached
  const compiled = compile({ ...wanted, source })
  await mkdir(cacheFolder, { recursive: true })
  // Test files run in parallel: a reader must never see half a file.
  const unfinishedPath = `${cachePath}.${randomUUID()}`
  await writeFile(unfinishedPath, JSON.stringify(compiled))
  await rename(unfinishedPath, cachePath)
  return compiled
}

async function readCached(path: string): Promise<CompiledContract | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as CompiledContract
  } catch {
    // Missing or damaged: compiling again is always right.
    return undefined
  }
}

function compile(input: SolidityContract & { source: string }): CompiledContract {
  const output = JSON.parse(
    loadSolc().compile(
      JSON.stringify({
        language: 'Solidity',
        sources: { [input.file]: { content: input.source } },
        settings: SETTINGS,
      }),
    ),
  ) as SolcOutput
  const errors = (output.errors ?? []).filter((error) => error.severity === 'error')
  const contract = output.contracts?.[input.file]?.[input.contract]
  if (errors.length > 0 || contract === undefined) {
    const messages = errors.map((error) => error.formattedMessage).join('\n')
    throw new Error(`${input.file} does not compile to ${input.contract}\n${messages}`)
  }
  return { abi: contract.abi, bytecode: `0x${contract.evm.bytecode.object}` }
}

function loadSolc(): Solc {
  const events = ['uncaughtException', 'unhandledRejection'] as const
  const before = events.map((event) => process.rawListeners(event))
  const solc = require('solc') as Solc
  // The compiler hooks itself into the process and would turn any later rejection into its own abort.
  for (const [index, event] of events.entries()) {
    for (const listener of process.rawListeners(event)) {
      if (before[index]?.includes(listener) !== true) process.off(event, listener as () => void)
    }
  }
  return solc
}
