import { afterEach, describe, expect, it } from 'vitest'
import { createJsonRpc, type JsonRpc } from '../../src/chain/json-rpc.ts'
import { serve, type TestServer } from './chain-kit.ts'

interface Message {
  readonly id: number
  readonly method: string
}

let server: TestServer | undefined
let rpc: JsonRpc | undefined
let status = 200

afterEach(async () => {
  status = 200
  await rpc?.stop()
  await server?.stop()
})

/** Asks for the methods in one batch of a server that answers with what `answer` makes of it. */
async function ask(methods: readonly string[], answer: (batch: readonly Message[]) => unknown) {
  server = await serve(({ response, body }) => {
    response.writeHead(status).end(JSON.stringify(answer(JSON.parse(body) as Message[])))
  })
  rpc = createJsonRpc({ url: server.url, timeoutMs: 5_000, maxBytes: 100_000, now: Date.now })
  return await rpc.batch(methods.map((method) => ({ method, params: [] })))
}

const result = ({ id, method }: Message) => ({ jsonrpc: '2.0', id, result: `${method}!` })

describe('a JSON-RPC batch', () => {
  it('is matched by id, whatever the order of the answers', async () => {
    const items = await ask(['a', 'b', 'c'], (batch) => batch.map(result).reverse())
    expect(items).toEqual(['a!', 'b!', 'c!'].map((value) => ({ ok: true, result: value })))
  })

  it('has an error for each request that failed, and for one that was left out', async () => {
    const items = await ask(['a', 'b', 'c', 'd'], ([a, b, , d]) => [
      a && result(a),
      { jsonrpc: '2.0', id: b?.id, error: { code: -32_000, message: 'range too large' } },
      { jsonrpc: '2.0', id: d?.id, error: { code: -32_005, message: 'too many requests' } },
    ])
    expect(items).toEqual([
      { ok: true, result: 'a!' },
      { ok: false, error: expect.objectContaining({ kind: 'rpc-error' }) as unknown },
      { ok: false, error: expect.objectContaining({ kind: 'bad-answer' }) as unknown },
      { ok: false, error: expect.objectContaining({ kind: 'rate-limited' }) as unknown },
    ])
  })

  it.each([
    { what: 'one error', answer: { error: { code: -32_600, message: 'no batches' } }, kind: 'rpc-error' },
    {
      what: 'one error with 400',
      answer: { error: { code: -32_600, message: 'no batches' } },
      code: 400,
      kind: 'rpc-error',
    },
    {
      what: 'one error about the limit',
      answer: { error: { code: -32_005, message: 'too many requests' } },
      kind: 'rate-limited',
    },
    { what: 'one result', answer: { id: 1, result: '0x1' }, kind: 'bad-answer' },
    { what: 'text', answer: 'hello', kind: 'bad-answer' },
    { what: 'a list with 500', answer: [], code: 500, kind: 'unreachable' },
  ])('fails as a whole when the answer is $what', async ({ answer, code = 200, kind }) => {
    status = code
    await expect(ask(['a', 'b'], () => answer)).rejects.toMatchObject({ kind })
  })

  it.each([
    [
      'the same id twice',
      (batch: readonly Message[]) => [...batch, ...batch].slice(0, 2).map(() => batch[0] && result(batch[0])),
    ],
    [
      'more answers than requests',
      (batch: readonly Message[]) => [...batch, { id: 77, method: 'x' }].map(result),
    ],
    ['something that is no answer', () => [1, 2]],
  ] as const)('fails as a whole for %s', async (_, answer) => {
    await expect(ask(['a', 'b'], answer)).rejects.toMatchObject({ kind: 'bad-answer' })
  })

  it('takes no answer with an id that was not asked for', async () => {
    const items = await ask(['a', 'b'], ([a]) => [a && result(a), { id: 99, result: 'forged' }])
    expect(items[1]).toMatchObject({ ok: false, error: { kind: 'bad-answer' } })
  })
})
