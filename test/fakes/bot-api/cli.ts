import { createFakeBotApi, type FakeBotApiOptions } from './index.ts'

// The only argument, if any, is the options as JSON, for example '{"limits":true}'.
const options = JSON.parse(process.argv[2] ?? '{}') as FakeBotApiOptions
const fake = await createFakeBotApi({ controlPort: 0, ...options })
const { url, controlUrl, token, botId } = fake
process.stdout.write(`${JSON.stringify({ url, controlUrl, token, botId })}\n`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void fake.stop()
  })
}
