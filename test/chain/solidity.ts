import { readFile } from 'node:fs/promises'
import { Interface } from 'ethers'
import type { Artifact } from './artifacts.ts'
import { compiledOnce } from './compile-cache.ts'
import { CACHE_FOLDER, type CompiledContract, compilationKey, compile } from './solc.ts'

export interface SolidityContract {
  /** File name in `test/chain/contracts`. */
  file: string
  contract: string
}

/** Compiles one of our contracts, or takes it from the cache when neither source, settings nor compiler changed. */
export async function compileSolidity(
  wanted: SolidityContract,
  folder = CACHE_FOLDER,
): Promise<CompiledContract> {
  const source = await readFile(new URL(`./contracts/${wanted.file}`, import.meta.url), 'utf8')
  const compilation = { wanted: [wanted], sources: { [wanted.file]: source } }
  const contracts = await compiledOnce({
    folder,
    key: compilationKey(compilation),
    compile: () => compile(compilation),
  })
  return contractOf(contracts, wanted.contract)
}

/** One of our contracts, ready for a deployment plan. */
export async function loadOwnArtifact(wanted: SolidityContract): Promise<Artifact> {
  return toArtifact(wanted.contract, await compileSolidity(wanted))
}

export function toArtifact(contractName: string, { abi, bytecode }: CompiledContract): Artifact {
  return { contractName, contractInterface: new Interface(JSON.stringify(abi)), bytecode, linkReferences: {} }
}

/** Throws when the contract is not among them. */
export function contractOf(contracts: Record<string, CompiledContract>, name: string): CompiledContract {
  const contract = contracts[name]
  if (contract === undefined) throw new Error(`${name} was not compiled`)
  return contract
}
