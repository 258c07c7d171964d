import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { JsonRpc } from './json-rpc.ts'

/** Where Multicall3 lives on Monad and nearly every other chain. */
const MULTICALL3_ADDRESS = '0xcA11bde05977b3631167028862bE2a173976CA11'

/** Puts Multicall3, built by viem, at its canonical address. */
export async function deployMulticall(rpc: JsonRpc): Promise<string> {
  // A call without a receiver runs creation code and answers with the code it would deploy.
  const runtime = await rpc.send('eth_call', [{ data: await loadMulticallBytecode() }, 'latest'])
  await rpc.send('anvil_setCode', [MULTICALL3_ADDRESS, runtime])
  return MULTICALL3_ADDRESS
}

async function loadMulticallBytecode(): Promise<string> {
  // The constant is not among viem's public exports.
  const folder = dirname(createRequire(import.meta.url).resolve('viem/package.json'))
  const constants = pathToFileURL(join(folder, '_esm', 'constants', 'contracts.js')).href
  const { multicall3Bytecode } = (await import(constants)) as { multicall3Bytecode: string }
  return multicall3Bytecode
}
