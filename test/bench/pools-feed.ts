import { createFakeMeteora } from '../fakes/meteora/index.ts'
import { aUniverse } from '../fakes/meteora/universe.ts'

// The double in a process of its own, so that what it costs is not counted. Ends when its parent closes the channel.
const [count = '120000', nowMs = '0'] = process.argv.slice(2)
const fake = await createFakeMeteora()
fake.serve(aUniverse({ count: Number(count), seed: 1, nowMs: Number(nowMs) }))
process.send?.(fake.url)
process.once('disconnect', () => {
  void fake.stop()
})
