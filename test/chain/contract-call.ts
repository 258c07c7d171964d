import type { Interface, Result } from 'ethers'
import type { JsonRpc } from './json-rpc.ts'

export interface ContractCall {
  to: string
  abi: Interface
  method: string
  args?: readonly unknown[]
}

/** Calls a view function at the head and decodes its answer. */
export async function readContract(rpc: JsonRpc, call: ContractCall): Promise<Result> {
  const data = call.abi.encodeFunctionData(call.method, call.args ?? [])
  const answer = (await rpc.send('eth_call', [{ to: call.to, data }, 'latest'])) as string
  return call.abi.decodeFunctionResult(call.method, answer)
}

/** Like `readContract` for a function that returns one number. */
export async function readBigint(rpc: JsonRpc, call: ContractCall): Promise<bigint> {
  const [value] = await readContract(rpc, call)
  return value as bigint
}
