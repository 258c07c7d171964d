import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

export interface CompiledContract {
  abi: readonly object[]
  /** Creation code, 0x-prefixed, fully linked. */
  bytecode: string
}

export interface WantedContract {
  /** Name of the source. */
  file: string
  contract: string
}

interface Compilation {
  wanted: readonly WantedContract[]
  /** Text by name; imports are looked up here too. */
  sources: Record<string, string>
}

interface Solc {
  compile: (standardJsonInput: string, callbacks: { import: (path: string) => ImportAnswer }) => string
}

type ImportAnswer = { contents: string } | { error: string }

interface SolcOutput {
  errors?: { severity: 'error' | 'warning' | 'info'; formattedMessage: string }[]
  contracts?: Record<string, Record<string, { abi: object[]; evm: { bytecode: { object: string } } }>>
}

const require = createRequire(import.meta.url)
const SETTINGS = { optimizer: { enabled: true, runs: 200 }, evmVersion: 'paris', viaIR: false }

/** Ignored by git: what is compiled here is not ours to publish. */
export const CACHE_FOLDER = fileURLToPath(new URL('../../.cache/solidity/', import.meta.url))

/** Changes whenever sources, settings, compiler or the wanted contracts do. */
export function compilationKey({ wanted, sources }: Compilation): string {
  const { version } = require('solc/package.json') as { version: string }
  return createHash('sha256')
    .update(JSON.stringify([version, SETTINGS, wanted, sources]))
    .digest('hex')
}

/** The wanted contracts by name; throws with the compiler's own words. Blocks until it is done. */
export function compile({ wanted, sources }: Compilation): Record<string, CompiledContract> {
  const entries = Object.fromEntries(wanted.map(({ file }) => [file, { content: sources[file] }]))
  const outputSelection: Record<string, Record<string, string[]>> = {}
  for (const { file, contract } of wanted) {
    outputSelection[file] = { ...outputSelection[file], [contract]: ['abi', 'evm.bytecode.object'] }
  }
  const input = { language: 'Solidity', sources: entries, settings: { ...SETTINGS, outputSelection } }
  const findImport = (path: string): ImportAnswer => {
    const contents = sources[path]
    return contents === undefined ? { error: 'not among the sources' } : { contents }
  }
  const output = JSON.parse(loadSolc().compile(JSON.stringify(input), { import: findImport })) as SolcOutput
  return Object.fromEntries(wanted.map((one) => [one.contract, pick(output, one)]))
}

function pick(output: SolcOutput, { file, contract }: WantedContract): CompiledContract {
  const errors = (output.errors ?? []).filter((error) => error.severity === 'error')
  const made = output.contracts?.[file]?.[contract]
  if (errors.length > 0 || made === undefined) {
    const messages = errors.map((error) => error.formattedMessage).join('\n')
    throw new Error(`${file} does not compile to ${contract}\n${messages}`)
  }
  return { abi: made.abi, bytecode: `0x${made.evm.bytecode.object}` }
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
