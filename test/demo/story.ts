import { setTimeout as sleep } from 'node:timers/promises'
import type { Bed } from '../bed/bed.ts'
import { openFourLoans } from '../bed/loans.ts'
import type { VisibleMessage } from '../fakes/bot-api/index.ts'
import type { Prices } from './prices.ts'
import type { Transcript } from './transcript.ts'

export interface Scene {
  readonly bed: Bed
  readonly chat: number
  readonly transcript: Transcript
  readonly prices: Prices
}

const WAIT_MS = 15_000

/** Reads on in the chat from where it stopped reading, and types. */
interface Reader {
  expect(text: RegExp): Promise<VisibleMessage>
  /** All of them, in whatever order they come. */
  expectAll(texts: readonly RegExp[]): Promise<void>
  type(text: string): Promise<void>
  lastId(): number
}

/** The whole story of one loan and one night, after a look at all four protocols. Throws when it does not go as it should. */
export async function tellStory(scene: Scene): Promise<void> {
  const reader = createReader(scene)
  await reader.type('/start')
  await reader.expect(/wakes you before a liquidation/)
  await tellFourProtocols(scene, reader)
  await tellNight(scene, reader)
  await scene.transcript.say('A quiet day. Where would idle money earn more?')
  await reader.type('/pools')
  await reader.expect(/^Where money earns now/)
}

function createReader({ bed, chat, transcript }: Scene): Reader {
  const { control } = bed.telegram
  let last = 0

  return {
    async expect(text) {
      const message = await control.waitForMessage({ chat, text, after: last, timeoutMs: WAIT_MS })
      last = Math.max(last, message.id)
      await transcript.flush()
      return message
    },
    async expectAll(texts) {
      const after = last
      for (const text of texts) {
        const { id } = await control.waitForMessage({ chat, text, after, timeoutMs: WAIT_MS })
        last = Math.max(last, id)
      }
      await transcript.flush()
    },
    async type(text) {
      const { messageId } = await control.say({ user: chat, text })
      last = Math.max(last, messageId)
    },
    lastId: () => last,
  }
}

async function tellFourProtocols(scene: Scene, reader: Reader): Promise<void> {
  const { bed, transcript, prices } = scene
  await transcript.say(
    'Ada has a wallet with a loan on each of the four protocols: 1,000 WMON at $4 against USDC, health 1.60.',
  )
  const wallet = await openFourLoans(bed)
  await reader.type(`/add ${wallet} 1.4 Spread`)
  await reader.expect(/Watching Spread/)

  await transcript.say(
    'WMON falls 16 % everywhere. Each loan rings, those that fall together in one message.',
  )
  await prices.move('WMON', -16)
  await reader.expectAll(
    ['Neverland', 'Morpho', 'Curvance', 'Euler'].map(
      (name) => new RegExp(`^🟠 Spread · ${name} .*health 1\\.34`, 'm'),
    ),
  )

  await transcript.say('What to do on Curvance, which she used a minute ago?')
  await reader.type('/rescue curvance')
  await reader.expect(/Add .* WMON/)

  await transcript.say('Enough of that wallet. WMON is back at $4.')
  await reader.type('/remove Spread')
  await reader.expect(/no longer watched/)
  await prices.set('WMON', '4')
}

async function tellNight(scene: Scene, reader: Reader): Promise<void> {
  const { bed, chat, transcript } = scene
  const { chain, telegram, buoy } = bed
  const { control } = telegram
  await transcript.say(
    'Now one bad night. In another wallet she has 1,000 WMON at $4 and owes 1,875 USDC on Neverland: health 1.60.',
  )
  const wallet = await chain.openPosition({
    supply: [{ asset: 'WMON', amount: '1000' }],
    borrow: [{ asset: 'USDC', amount: '1875' }],
  })
  await reader.type(`/add ${wallet} Main`)
  await reader.expect(/Watching Main/)

  await transcript.say('WMON falls 16 %.')
  await chain.movePrice({ asset: 'WMON', percent: -16 })
  await reader.expect(/🟠 .*health 1\.34/)

  await transcript.say('It falls further, to $2.70: health 1.08.')
  await chain.setPrice({ asset: 'WMON', usd: '2.70' })
  await reader.expect(/🔴 .*health 1\.08/)

  await transcript.say(
    'Now Telegram is down, WMON is at $2.40, and the process is killed with kill -9 before it could send.',
  )
  await control.pause()
  await chain.setPrice({ asset: 'WMON', usd: '2.40' })
  await buoy.waitForLog(({ msg, kind }) => msg === 'transition' && kind === 'liquidatable', {
    what: 'the commit of the liquidatable alert',
  })
  // Between two attempts: killed during one, Buoy could not know that it was refused, and would rightly say so.
  await buoy.waitForLog(
    ({ msg, kinds, outcome, attempt }) =>
      msg === 'alert attempt' &&
      Array.isArray(kinds) &&
      kinds.includes('liquidatable') &&
      outcome === 'not-sent' &&
      attempt === 2,
    { what: 'a second refused attempt' },
  )
  await buoy.kill9()
  await control.resume()
  await transcript.say(
    'Telegram is back and Buoy starts again: the alert was committed, so it arrives, once.',
  )
  await buoy.start()
  const alarm = await reader.expect(/🆘 .*health 0\.96/)

  await transcript.say('WMON is back at $4.20. Two minutes later it is still there.')
  await chain.setPrice({ asset: 'WMON', usd: '4.20' })
  await reader.expect(/🟡 .*no longer liquidatable/)
  await bed.advance(120)
  await reader.expect(/🟢 .*recovered/)
  const alarms = (await control.visible(chat)).filter(({ text }) => text.startsWith('🆘'))
  if (alarms.length !== 1) throw new Error(`the alarm ${alarm.text} was seen ${alarms.length} times`)

  await transcript.say(
    'The price oracle of WMON stops answering. Ada looks; twelve minutes later Buoy says by itself that it is blind.',
  )
  await chain.failOracle({ asset: 'WMON', failing: true })
  await buoy.waitForLog(({ msg, unknown }) => msg === 'cycle' && Number(unknown) > 0, {
    what: 'a cycle that could not read',
  })
  await reader.type('/check')
  await reader.expect(/I cannot see it: price oracle of WMON does not answer/)
  await bed.advance(12 * 60)
  await reader.expect(/⚫ .*price oracle does not answer since/)
  await chain.failOracle({ asset: 'WMON', failing: false })
  await reader.expect(/👁 .*visible again/)

  await transcript.say(
    'Ada has seen enough and removes the wallet. Buoy restarts, WMON crashes: nothing comes any more.',
  )
  await reader.type('/remove Main')
  await reader.expect(/no longer watched/)
  await buoy.stop()
  await chain.setPrice({ asset: 'WMON', usd: '2' })
  await buoy.start()
  await sleep(3_000)
  await reader.type('/list')
  await reader.expect(/No wallet is watched/)
  const later = (await control.visible(chat)).filter(({ id, from }) => id > reader.lastId() && from === 'bot')
  if (later.length > 0) throw new Error('something was sent about a removed wallet')
}
