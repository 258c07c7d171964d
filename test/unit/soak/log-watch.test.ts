import { expect, it } from 'vitest'
import { createLogWatch } from '../../soak/log-watch.ts'

const LINES = [
  '{"level":30,"msg":"cycle"}',
  '{"level":40,"msg":"slow"}',
  '{"level":50,"msg":"command failed","err":{"type":"HttpError","message":"made to"}}',
  '{"level":50,"msg":"cycle failed","err":{"type":"TypeError","message":"a bug"}}',
  '{"level":50,"ok":false,"what":"Euler","detail":"could not be checked","msg":"self-check"}',
  '(node:1) MaxListenersExceededWarning: Possible memory leak',
]

it('keeps what is neither quiet nor expected, each whole line once, as the log grows', () => {
  const watch = createLogWatch(({ error }) => error.startsWith('HttpError'))
  const log = `${LINES.join('\n')}\n`
  for (let end = 0; end <= log.length; end += 7) watch.read(log.slice(0, end))
  watch.read(log)
  expect([...watch.unexpected()]).toEqual([
    ['cycle failed (TypeError: a bug)', 1],
    ['self-check (could not be checked)', 1],
    ['(node:1) MaxListenersExceededWarning: Possible memory leak', 1],
  ])
  expect([...watch.warned()]).toEqual([
    ['slow', 1],
    ['command failed', 1],
  ])
})
