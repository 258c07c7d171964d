import { parseArgs } from 'node:util'
import { createBed } from '../bed/bed.ts'
import { openFourLoans } from '../bed/loans.ts'
import { createFakeMeteora } from '../fakes/meteora/index.ts'
import { somePools } from './pools.ts'
import { createPrices } from './prices.ts'
import { tellStory } from './story.ts'
import { runTerminal } from './terminal.ts'
import { createTranscript } from './transcript.ts'

const { values } = parseArgs({ options: { script: { type: 'boolean', default: false } } })
const write = (text: string): void => {
  process.stdout.write(text)
}

write('Buoy demo: the real program on a local chain (id 143), with a Telegram of our own.\n')
write('Aave V3 (as Neverland) and Morpho are the real contracts, Curvance, Euler and Meteora are doubles.\n')
write('Nothing leaves this machine. Setting up…\n')
const startedAt = performance.now()
const pools = await createFakeMeteora()
pools.serve(somePools(Date.now()))
const bed = await createBed({ env: { BUOY_METEORA_API_URL: pools.url } })
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void Promise.all([bed.stop(), pools.stop()]).finally(() => process.exit(130))
  })
}
try {
  await bed.buoy.start()
  const { control } = bed.telegram
  const ada = await control.createUser({ firstName: 'Ada' })
  const transcript = createTranscript({ control, chat: ada.id, person: 'Ada', write })
  const scene = { bed, chat: ada.id, transcript, prices: createPrices(bed) }
  if (values.script) {
    await tellStory(scene)
    write(`\nThe story went as it should (${((performance.now() - startedAt) / 1000).toFixed(0)} s).\n`)
  } else {
    const wallet = await openFourLoans(bed)
    await control.say({ user: ada.id, text: '/start' })
    await transcript.say(`A wallet with a loan of health 1.60 on each of the four protocols: ${wallet}`)
    await runTerminal(scene)
  }
} catch (error) {
  write(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
} finally {
  await Promise.all([bed.stop(), pools.stop()])
}
