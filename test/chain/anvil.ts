import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { createRequire } from 'node:module'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { findFreePort } from './free-port.ts'
import { createJsonRpc, type JsonRpc, toHexQuantity } from './json-rpc.ts'

export interface AnvilOptions {
  /** Default 143, Monad. */
  chainId?: number
  /** Default 0: any free port. */
  port?: number
  /** Mine a block every so many whole seconds; without it a block per transaction. */
  blockTimeSeconds?: number
}

export interface Anvil {
  url: string
  port: number
  pid: number
  /** Ends the node and resolves when its process is gone. Safe to call twice. */
  stop: () => Promise<void>
}

const READY_TIMEOUT_MS = 15_000
const READY_POLL_MS = 10
const PORT_ATTEMPTS = 5

/** Starts the anvil binary that npm installed, and resolves when it answers with the right chain id. */
export async function startAnvil(options: AnvilOptions = {}): Promise<Anvil> {
  const binary = findAnvilBinary()
  const wantedPort = options.port ?? 0
  // A port that was free a moment ago may be taken by now; only a port of our own choice is worth another try.
  const attempts = wantedPort === 0 ? PORT_ATTEMPTS : 1
  let failure: unknown
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const port = wantedPort === 0 ? await findFreePort() : wantedPort
    try {
      return await launch(binary, { ...options, port })
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

/** Path of the anvil executable for a platform, named as Node names it. */
export function findAnvilBinary({
  platform,
  arch,
}: Pick<typeof process, 'platform' | 'arch'> = process): string {
  const packageName = `@foundry-rs/anvil-${platform}-${arch === 'x64' ? 'amd64' : arch}`
  const file = platform === 'win32' ? 'anvil.exe' : 'anvil'
  try {
    return createRequire(import.meta.url).resolve(`${packageName}/bin/${file}`)
  } catch (cause) {
    throw new Error(
      `The local chain needs ${packageName}, which npm installs as an optional dependency of @foundry-rs/anvil. ` +
        'Run "npm install" without --omit=optional on a supported platform.',
      { cause },
    )
  }
}

async function launch(binary: string, options: AnvilOptions & { port: number }): Promise<Anvil> {
  const { port, chainId = 143 } = options
  const fingerprintEther = 10_000 + randomInt(1_000_000)
  const args = ['--port', String(port), '--chain-id', String(chainId), '--balance', String(fingerprintEther)]
  args.push('--gas-limit', '200000000', '--silent', '--no-request-size-limit')
  if (options.blockTimeSeconds !== undefined) args.push('--block-time', String(options.blockTimeSeconds))
  const child = spawn(binary, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2_000)
  })
  child.on('error', (error) => {
    complaint += error.message
  })
  const stop = tieToThisProcess(child)
  const url = `http://127.0.0.1:${port}`
  try {
    await waitUntilReady({ url, child, chainId, fingerprintEther })
  } catch (cause) {
    await stop()
    throw new Error(`anvil did not start on port ${port}: ${complaint.trim()}`, { cause })
  }
  child.unref()
  unref(child.stderr)
  return { url, port, pid: child.pid ?? 0, stop }
}

// At run time a pipe to a child is a socket, which alone would keep this process alive.
function unref(pipe: Readable & Partial<Pick<Socket, 'unref'>>): void {
  pipe.unref?.()
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null
}

function tieToThisProcess(child: ChildProcess): () => Promise<void> {
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))
  return async () => {
    if (!isRunning(child)) {
      process.off('exit', kill)
      return
    }
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.ref()
    // Nothing in it is worth saving, and a polite signal would wait for open connections.
    child.kill('SIGKILL')
    await gone
  }
}

interface StartingNode {
  url: string
  child: ChildProcess
  chainId: number
  fingerprintEther: number
}

async function waitUntilReady(node: StartingNode): Promise<void> {
  // Whatever else listens on the port may take a request and never answer it.
  const ended = new AbortController()
  const timeout = AbortSignal.timeout(READY_TIMEOUT_MS)
  const giveUp = AbortSignal.any([ended.signal, timeout])
  node.child.once('exit', () => {
    ended.abort()
  })
  const rpc = createJsonRpc(node.url, giveUp)
  while (isRunning(node.child) && !giveUp.aborted) {
    if (await isReady(rpc, node).catch(() => false)) return
    await delay(READY_POLL_MS)
  }
  throw new Error(timeout.aborted ? `no answer within ${READY_TIMEOUT_MS} ms` : 'the process ended')
}

async function isReady(rpc: JsonRpc, { chainId, fingerprintEther }: StartingNode): Promise<boolean> {
  return (await rpc.send('eth_chainId')) === toHexQuantity(chainId) && (await isOurs(rpc, fingerprintEther))
}

// Another anvil may have won the race for the port and be the one that answers.
async function isOurs(rpc: JsonRpc, fingerprintEther: number): Promise<boolean> {
  const [account] = (await rpc.send('eth_accounts')) as string[]
  const balanceWei = (await rpc.send('eth_getBalance', [account, '0x0'])) as string
  return BigInt(balanceWei) === BigInt(fingerprintEther) * 10n ** 18n
}
