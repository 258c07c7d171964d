import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Interface, type InterfaceAbi } from 'ethers'

export interface Artifact {
  contractName: string
  contractInterface: Interface
  bytecode: string
  linkReferences: Record<string, Record<string, LinkReference[]>>
}

interface LinkReference {
  start: number
  length: number
}

type ArtifactFile = Omit<Artifact, 'contractInterface'> & { abi: InterfaceAbi }

const require = createRequire(import.meta.url)

/** A compiled Aave V3 contract from the npm package; `path` as in `protocol/pool/Pool`. */
export function loadAaveArtifact(path: string): Artifact {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const file = require.resolve(`@aave/core-v3/artifacts/contracts/${path}.sol/${name}.json`)
  const { contractName, abi, bytecode, linkReferences } = JSON.parse(
    readFileSync(file, 'utf8'),
  ) as ArtifactFile
  return { contractName, contractInterface: new Interface(abi), bytecode, linkReferences }
}

/** Creation code with every library placeholder replaced; throws when a library is missing. */
export function linkBytecode(artifact: Artifact, libraries: Record<string, string>): string {
  let code = artifact.bytecode
  for (const file of Object.values(artifact.linkReferences)) {
    for (const [library, places] of Object.entries(file)) {
      const address = libraries[library]
      if (address === undefined) throw new Error(`${artifact.contractName} needs the library ${library}`)
      for (const place of places) code = patch(code, { ...place, hex: address.slice(2).toLowerCase() })
    }
  }
  return code
}

function patch(code: string, change: LinkReference & { hex: string }): string {
  // Offsets count bytes of the code, which is written as 0x and two digits per byte.
  const from = 2 + change.start * 2
  return code.slice(0, from) + change.hex + code.slice(from + change.length * 2)
}
