import { readFile } from 'node:fs/promises'
import type { Artifact } from '../artifacts.ts'
import { compiledOnce } from '../compile-cache.ts'
import { CACHE_FOLDER, compilationKey, compile, type WantedContract } from '../solc.ts'
import { contractOf, toArtifact } from '../solidity.ts'

const FILES = ['market-doubles.sol', 'reader-doubles.sol'] as const
const WANTED = [
  { file: 'market-doubles.sol', contract: 'CentralRegistryDouble' },
  { file: 'market-doubles.sol', contract: 'OracleManagerDouble' },
  { file: 'market-doubles.sol', contract: 'MarketManagerDouble' },
  { file: 'market-doubles.sol', contract: 'CTokenDouble' },
  { file: 'reader-doubles.sol', contract: 'ProtocolReaderDouble' },
  { file: 'reader-doubles.sol', contract: 'GrownProtocolReaderDouble' },
] as const satisfies readonly WantedContract[]

export type CurvanceArtifacts = Record<(typeof WANTED)[number]['contract'], Artifact>

/** Our doubles of Curvance: compiled on first use, then taken from the cache. */
export async function loadCurvanceArtifacts(folder = CACHE_FOLDER): Promise<CurvanceArtifacts> {
  const texts = await Promise.all(FILES.map((file) => readFile(new URL(file, import.meta.url), 'utf8')))
  const sources = Object.fromEntries(FILES.map((file, index) => [file, texts[index] ?? '']))
  const compilation = { wanted: WANTED, sources }
  const contracts = await compiledOnce({
    folder,
    key: compilationKey(compilation),
    compile: () => compile(compilation),
  })
  return Object.fromEntries(
    WANTED.map(({ contract }) => [contract, toArtifact(contract, contractOf(contracts, contract))]),
  ) as CurvanceArtifacts
}
