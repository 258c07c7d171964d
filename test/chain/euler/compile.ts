import { readFile } from 'node:fs/promises'
import { Interface } from 'ethers'
import { compiledOnce } from '../compile-cache.ts'
import type { JsonRpc } from '../json-rpc.ts'
import { CACHE_FOLDER, compilationKey, compile } from '../solc.ts'
import { contractOf } from '../solidity.ts'

const FILE = 'euler-doubles.sol'

const DOUBLES = [
  'EvcDouble',
  'VaultDouble',
  'PriceOracleDouble',
  'PythDouble',
  'PythAdapterDouble',
  'CrossAdapterDouble',
  'FactoryDouble',
] as const
export type DoubleName = (typeof DOUBLES)[number]

/** A double without an address: its code as it stands on a chain. */
export interface Double {
  abi: Interface
  code: string
}

/** Our doubles of Euler, compiled or from the cache. */
export async function loadEulerDoubles(rpc: JsonRpc): Promise<Record<DoubleName, Double>> {
  const source = await readFile(new URL(`./${FILE}`, import.meta.url), 'utf8')
  const compilation = {
    wanted: DOUBLES.map((contract) => ({ file: FILE, contract })),
    sources: { [FILE]: source },
  }
  const contracts = await compiledOnce({
    folder: CACHE_FOLDER,
    key: compilationKey(compilation),
    compile: () => compile(compilation),
  })
  const doubles = await Promise.all(
    DOUBLES.map(async (name) => {
      const { abi, bytecode } = contractOf(contracts, name)
      // A call without a receiver runs creation code and answers with the code it would deploy.
      const code = (await rpc.send('eth_call', [{ data: bytecode }, 'latest'])) as string
      return [name, { abi: new Interface(JSON.stringify(abi)), code }] as const
    }),
  )
  return Object.fromEntries(doubles) as Record<DoubleName, Double>
}
