import type { ControlCore } from './api.ts'

/** Carries out one control function that came over HTTP: the body is its argument as JSON. */
export async function runControl(
  core: ControlCore,
  call: { name: string; body: Buffer },
): Promise<{ status: number; body: object }> {
  const functions = core as unknown as Record<string, ((arg: unknown) => Promise<unknown>) | undefined>
  const run = Object.hasOwn(functions, call.name) ? functions[call.name] : undefined
  if (run === undefined) {
    return { status: 404, body: { ok: false, error: `No control function "${call.name}".` } }
  }
  try {
    const text = call.body.toString('utf8')
    const result = await run(text === '' ? undefined : JSON.parse(text))
    return { status: 200, body: { ok: true, result } }
  } catch (error) {
    return { status: 400, body: { ok: false, error: error instanceof Error ? error.message : String(error) } }
  }
}
