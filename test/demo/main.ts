import { parseArgs } from 'node:util'
import { createBed } from '../bed/bed.ts'
import { tellStory } from './story.ts'
import { runTerminal } from './terminal.ts'
import { createTranscript } from './transcript.ts'

const { values } = parseArgs({ options: { script: { type: 'boolean', default: false } } })
const write = (text: string): void => {
  process.stdout.write(text)
}

write(
  'Buoy demo: the real program, the real Aave V3 contracts on a local chain (id 143), a Telegram of our own.\n',
)
write('Nothing leaves this machine. Setting up…\n')
const startedAt = performance.now()
const bed = await createBed()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void bed.stop().finally(() => process.exit(130))
  })
}
try {
  await bed.buoy.start()
  const { control } = bed.telegram
  const ada = await control.createUser({ firstName: 'Ada' })
  const transcript = createTranscript({ control, chat: ada.id, person: 'Ada', write })
  const scene = { bed, chat: ada.id, transcript }
  if (values.script) {
    await tellStory(scene)
    write(`\nThe story went as it should (${((performance.now() - startedAt) / 1000).toFixed(0)} s).\n`)
  } else {
    const wallet = await bed.chain.openPosition({
      supply: [{ asset: 'WMON', amount: '1000' }],
      borrow: [{ asset: 'USDC', amount: '1875' }],
    })
    await control.say({ user: ada.id, text: '/start' })
    await transcript.say(`A wallet with a loan of health 1.60: ${wallet}`)
    await runTerminal(scene)
  }
} catch (error) {
  write(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
} finally {
  await bed.stop()
}
