import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type Anvil, findAnvilBinary, startAnvil } from '../../chain/anvil.ts'
import { createJsonRpc } from '../../chain/json-rpc.ts'

const started: Anvil[] = []

async function start(options?: Parameters<typeof startAnvil>[0]): Promise<Anvil> {
  const anvil = await startAnvil(options)
  started.push(anvil)
  return anvil
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('the local node', () => {
  afterEach(async () => {
    await Promise.all(started.splice(0).map((anvil) => anvil.stop()))
  })

  it('is a Monad chain unless told otherwise, and several run side by side', async () => {
    const [first, second] = await Promise.all([start(), start({ chainId: 10_143 })])
    expect(await createJsonRpc(first.url).send('eth_chainId')).toBe('0x8f')
    expect(await createJsonRpc(second.url).send('eth_chainId')).toBe('0x279f')
    expect(first.port).not.toBe(second.port)
  })

  it('is gone when stop resolves, however often it is called', async () => {
    const anvil = await start()
    expect(isAlive(anvil.pid)).toBe(true)
    await anvil.stop()
    await anvil.stop()
    expect(isAlive(anvil.pid)).toBe(false)
  })

  it('says so when the wanted port is taken, and never answers with a stranger behind it', async () => {
    const stranger = createServer()
    stranger.listen(0, '127.0.0.1')
    await once(stranger, 'listening')
    const address = stranger.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    await expect(start({ port })).rejects.toThrow(`anvil did not start on port ${port}`)
    stranger.close()

    const other = await start()
    await expect(start({ port: other.port })).rejects.toThrow('anvil did not start')
    expect(isAlive(other.pid)).toBe(true)
  })

  it('names the package that is missing on a platform without a binary', () => {
    const missing = () => findAnvilBinary({ platform: 'sunos', arch: 'x64' })
    expect(missing).toThrow('The local chain needs @foundry-rs/anvil-sunos-amd64')
  })

  it('mines by the clock when asked to', async () => {
    const rpc = createJsonRpc((await start({ blockTimeSeconds: 1 })).url)
    await expect.poll(() => rpc.send('eth_blockNumber'), { timeout: 20_000 }).not.toBe('0x0')
  }, 30_000)

  it('dies with the program that started it', async () => {
    const module = new URL('../../chain/anvil.ts', import.meta.url).href
    const program = `
      const { startAnvil } = await import(${JSON.stringify(module)})
      const { pid } = await startAnvil()
      process.stdout.write(String(pid))
    `
    const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program])
    let pid = ''
    parent.stdout.on('data', (text: Buffer) => {
      pid += text.toString()
    })
    await once(parent, 'close')
    expect(Number(pid)).toBeGreaterThan(0)
    await expect.poll(() => isAlive(Number(pid)), { timeout: 20_000 }).toBe(false)
  }, 60_000)
})
