import { createInterface } from 'node:readline'
import type { Scene } from './story.ts'

const HELP = `
  /add 0x… Main, /check, /list, /remove …   what you would type in Telegram
  press Check now                           press a button of the last message that has it
  price WMON -20%      price WMON 3.10      move a price on all four protocols, or set it in dollars
  oracle WMON off      oracle WMON on       the price sources fail, or answer again
  time 12m             time 90s             let time pass
  telegram off         telegram on          Telegram refuses connections
  kill                                      kill -9, then start again
  help, quit
`
const REFRESH_MS = 300

/** Takes commands until `quit` or the end of the input. */
export async function runTerminal(scene: Scene): Promise<void> {
  const input = createInterface({ input: process.stdin, output: process.stdout, prompt: '> ' })
  const refresh = setInterval(() => {
    void scene.transcript.flush()
  }, REFRESH_MS)
  process.stdout.write(HELP)
  input.prompt()
  try {
    for await (const line of input) {
      const text = line.trim()
      if (text === 'quit' || text === 'exit') break
      try {
        if (text !== '') await execute(scene, text)
      } catch (error) {
        process.stdout.write(`  ${error instanceof Error ? error.message : String(error)}\n`)
      }
      input.prompt()
    }
  } finally {
    clearInterval(refresh)
    input.close()
  }
}

async function execute({ bed, chat, transcript, prices }: Scene, text: string): Promise<void> {
  const { telegram, buoy } = bed
  const [word = '', first = '', second = ''] = text.split(/\s+/)
  if (word.startsWith('/') || word.startsWith('0x')) {
    await telegram.control.say({ user: chat, text })
  } else if (word === 'press') {
    const answer = await telegram.control.press({ user: chat, text: text.slice('press '.length) })
    if (answer.text) await transcript.say(answer.text)
  } else if (word === 'price' && /^[+-][\d.]+%?$/.test(second)) {
    await prices.move(first, Number.parseFloat(second))
    await sayPrice()
  } else if (word === 'price' && /^[\d.]+$/.test(second)) {
    await prices.set(first, second)
    await sayPrice()
  } else if (word === 'oracle' && (second === 'on' || second === 'off')) {
    await prices.fail(first, second === 'off')
  } else if (word === 'time' && /^\d+[sm]$/.test(first)) {
    await bed.advance(Number.parseInt(first, 10) * (first.endsWith('m') ? 60 : 1))
  } else if (word === 'telegram' && (first === 'on' || first === 'off')) {
    await (first === 'on' ? telegram.control.resume() : telegram.control.pause())
  } else if (word === 'kill') {
    await buoy.kill9()
    await buoy.start()
    await transcript.say('Killed with kill -9 and started again.')
  } else {
    process.stdout.write(word === 'help' ? HELP : `  I do not know “${text}”.\n${HELP}`)
  }

  async function sayPrice(): Promise<void> {
    await transcript.say(`${first} is at $${Number(await prices.of(first)).toFixed(4)}.`)
  }
}
