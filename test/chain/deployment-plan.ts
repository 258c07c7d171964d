import { getCreateAddress } from 'ethers'
import { type Artifact, linkBytecode } from './artifacts.ts'
import type { ContractCall } from './contract-call.ts'
import type { Transaction } from './transactions.ts'

interface Deployment {
  artifact: Artifact
  args?: readonly unknown[]
  libraries?: Record<string, string>
}

export interface DeploymentPlan {
  readonly deployer: string
  readonly transactions: readonly Transaction[]
  /** Plans a contract creation and returns the address it will have. */
  deploy: (deployment: Deployment) => string
  call: (call: ContractCall) => void
}

// Room for the largest contract and for a reserve with its three token proxies,
// and below the limit of 16.7 million per transaction of current hard forks.
const GAS = 12_000_000n

/**
 * Collects transactions instead of sending them. Contract addresses follow from the deployer's nonce, so a whole
 * protocol can be sent in one go without waiting for any receipt.
 */
export function createDeploymentPlan(deployer: string, firstNonce: number): DeploymentPlan {
  const transactions: Transaction[] = []
  return {
    deployer,
    transactions,
    deploy: ({ artifact, args = [], libraries = {} }) => {
      const nonce = firstNonce + transactions.length
      const data = linkBytecode(artifact, libraries) + artifact.contractInterface.encodeDeploy(args).slice(2)
      transactions.push({ label: `deploy ${artifact.contractName}`, from: deployer, data, gas: GAS })
      return getCreateAddress({ from: deployer, nonce })
    },
    call: ({ to, abi, method, args = [] }) => {
      const data = abi.encodeFunctionData(method, args)
      transactions.push({ label: method, from: deployer, to, data, gas: GAS })
    },
  }
}
