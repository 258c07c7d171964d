import { readFile } from 'node:fs/promises'
import { Interface } from 'ethers'
import { compiledOnce } from '../compile-cache.ts'
import type { JsonRpc } from '../json-rpc.ts'
import { CACHE_FOLDER, compilationKey, compile } from '../solc.ts'
import { contractOf } from '../solidity.ts'

/** Which of our sources each double is in. */
const DOUBLES = {
  EvcDouble: 'lending-doubles.sol',
  AssetOnlyDouble: 'lending-doubles.sol',
  VaultDouble: 'lending-doubles.sol',
  FactoryDouble: 'lending-doubles.sol',
  PerspectiveDouble: 'lending-doubles.sol',
  PriceOracleDouble: 'price-doubles.sol',
  PythDouble: 'price-doubles.sol',
  PythAdapterDouble: 'price-doubles.sol',
  CrossAdapterDouble: 'price-doubles.sol',
} as const
export type DoubleName = keyof typeof DOUBLES

/** A double without an address: its code as it stands on a chain. */
export interface Double {
  abi: Interface
  code: string
}

/** Our doubles of Euler, compiled or from the cache. */
export async function loadEulerDoubles(rpc: JsonRpc): Promise<Record<DoubleName, Double>> {
  const files = [...new Set(Object.values(DOUBLES))]
  const texts = await Promise.all(
    files.map((file) => readFile(new URL(`./${file}`, import.meta.url), 'utf8')),
  )
  const compilation = {
    wanted: Object.entries(DOUBLES).map(([contract, file]) => ({ file, contract })),
    sources: Object.fromEntries(files.map((file, index) => [file, texts[index] ?? ''])),
  }
  const contracts = await compiledOnce({
    folder: CACHE_FOLDER,
    key: compilationKey(compilation),
    compile: () => compile(compilation),
  })
  const doubles = await Promise.all(
    Object.keys(DOUBLES).map(async (name) => {
      const { abi, bytecode } = contractOf(contracts, name)
      // A call without a receiver runs creation code and answers with the code it would deploy.
      const code = (await rpc.send('eth_call', [{ data: bytecode }, 'latest'])) as string
      return [name, { abi: new Interface(JSON.stringify(abi)), code }] as const
    }),
  )
  return Object.fromEntries(doubles) as Record<DoubleName, Double>
}
