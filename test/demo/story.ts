import { setTimeout as sleep } from 'node:timers/promises'
import type { Bed } from '../bed/bed.ts'
import type { VisibleMessage } from '../fakes/bot-api/index.ts'
import type { Transcript } from './transcript.ts'

export interface Scene {
  readonly bed: Bed
  readonly chat: number
  readonly transcript: Transcript
}

const WAIT_MS = 15_000

/** The whole story of one loan and one night. Throws when something does not happen as it should. */
export async function tellStory({ bed, chat, transcript }: Scene): Promise<void> {
  const { chain, telegram, buoy } = bed
  const { control } = telegram
  let last = 0

  async function expectMessage(text: RegExp): Promise<VisibleMessage> {
    const message = await control.waitForMessage({ chat, text, after: last, timeoutMs: WAIT_MS })
    last = Math.max(last, message.id)
    await transcript.flush()
    return message
  }
  async function type(text: string): Promise<void> {
    const { messageId } = await control.say({ user: chat, text })
    last = Math.max(last, messageId)
  }

  await transcript.say(
    'Ada has 1,000 WMON at $4 as collateral and owes 1,875 USDC on Neverland: health 1.60.',
  )
  const wallet = await chain.openPosition({
    supply: [{ asset: 'WMON', amount: '1000' }],
    borrow: [{ asset: 'USDC', amount: '1875' }],
  })
  await type('/start')
  await expectMessage(/wakes you before a liquidation/)
  await type(`/add ${wallet} Main`)
  await expectMessage(/Watching Main/)

  await transcript.say('WMON falls 16 %.')
  await chain.movePrice({ asset: 'WMON', percent: -16 })
  await expectMessage(/🟠 .*health 1\.34/)

  await transcript.say('It falls further, to $2.70: health 1.08.')
  await chain.setPrice({ asset: 'WMON', usd: '2.70' })
  await expectMessage(/🔴 .*health 1\.08/)

  await transcript.say(
    'Now Telegram is down, WMON is at $2.40, and the process is killed with kill -9 before it could send.',
  )
  await control.pause()
  await chain.setPrice({ asset: 'WMON', usd: '2.40' })
  await buoy.waitForLog(({ msg, kind }) => msg === 'transition' && kind === 'liquidatable', {
    what: 'the commit of the liquidatable alert',
  })
  await buoy.kill9()
  await control.resume()
  await transcript.say(
    'Telegram is back and Buoy starts again: the alert was committed, so it arrives, once.',
  )
  await buoy.start()
  const alarm = await expectMessage(/🆘 .*health 0\.96/)

  await transcript.say('WMON is back at $4.20. Two minutes later it is still there.')
  await chain.setPrice({ asset: 'WMON', usd: '4.20' })
  await expectMessage(/🟡 .*no longer liquidatable/)
  await bed.advance(120)
  await expectMessage(/🟢 .*recovered/)
  const alarms = (await control.visible(chat)).filter(({ text }) => text.startsWith('🆘'))
  if (alarms.length !== 1) throw new Error(`the alarm ${alarm.text} was seen ${alarms.length} times`)

  await transcript.say(
    'The price oracle of WMON stops answering. Ada looks; twelve minutes later Buoy says by itself that it is blind.',
  )
  await chain.failOracle({ asset: 'WMON', failing: true })
  await buoy.waitForLog(({ msg, unknown }) => msg === 'cycle' && Number(unknown) > 0, {
    what: 'a cycle that could not read',
  })
  await type('/check')
  await expectMessage(/I cannot see it: price oracle of WMON does not answer/)
  await bed.advance(12 * 60)
  await expectMessage(/⚫ .*I cannot see this loan since/)
  await chain.failOracle({ asset: 'WMON', failing: false })
  await expectMessage(/👁 .*visible again/)

  await transcript.say(
    'Ada has seen enough and removes the wallet. Buoy restarts, WMON crashes: nothing comes any more.',
  )
  await type('/remove Main')
  await expectMessage(/no longer watched/)
  await buoy.stop()
  await chain.setPrice({ asset: 'WMON', usd: '2' })
  await buoy.start()
  await sleep(3_000)
  await type('/list')
  await expectMessage(/No wallet is watched/)
  const later = (await control.visible(chat)).filter(({ id, from }) => id > last && from === 'bot')
  if (later.length > 0) throw new Error('something was sent about a removed wallet')
}
