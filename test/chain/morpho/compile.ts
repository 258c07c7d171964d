import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, sep } from 'node:path'
import type { Artifact } from '../artifacts.ts'
import { compiledOnce } from '../compile-cache.ts'
import { CACHE_FOLDER, compilationKey, compile, type WantedContract } from '../solc.ts'
import { contractOf, toArtifact } from '../solidity.ts'

export interface MorphoArtifacts {
  morpho: Artifact
  /** Morpho's own test model: a rate of the utilisation per year. */
  irm: Artifact
}

const WANTED: readonly WantedContract[] = [
  { file: 'src/Morpho.sol', contract: 'Morpho' },
  { file: 'src/mocks/IrmMock.sol', contract: 'IrmMock' },
]

/**
 * Morpho as published, compiled from the sources in its package. The first time takes ten seconds or more; the outcome
 * stays in the ignored cache, because its licence is not the one of this repository.
 */
export async function loadMorphoArtifacts(folder = CACHE_FOLDER): Promise<MorphoArtifacts> {
  const compilation = { wanted: WANTED, sources: await readSources() }
  const contracts = await compiledOnce({
    folder,
    key: compilationKey(compilation),
    compile: () => compile(compilation),
  })
  return {
    morpho: toArtifact('Morpho', contractOf(contracts, 'Morpho')),
    irm: toArtifact('IrmMock', contractOf(contracts, 'IrmMock')),
  }
}

async function readSources(): Promise<Record<string, string>> {
  const manifest = createRequire(import.meta.url).resolve('@morpho-org/morpho-blue/package.json')
  const root = dirname(manifest)
  const files = (await readdir(join(root, 'src'), { recursive: true }))
    .filter((name) => name.endsWith('.sol'))
    .sort()
  const texts = await Promise.all(files.map((name) => readFile(join(root, 'src', name), 'utf8')))
  return Object.fromEntries(
    files.map((name, index) => [`src/${name.split(sep).join('/')}`, texts[index] ?? '']),
  )
}
