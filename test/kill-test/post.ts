import type { FakeBotApi } from '../fakes/bot-api/index.ts'
import { type Depth, depthOf } from './truth.ts'

/** One message that the fake Bot API carried out, whatever the product learned of it. */
export interface Arrived {
  readonly chat: number
  readonly text: string
  readonly reference: string
  readonly labelled: boolean
}

/** What one line of a message says about one loan. */
export interface Told {
  readonly label: string
  readonly protocol: string
  readonly depth: Depth
  readonly line: string
}

/** Everything that arrived so far, from the fake's own record of requests. */
export interface Post {
  /** Takes in what came since the last time. */
  collect(): Promise<void>
  /** Of the newest request that is over. */
  readonly lastId: () => number
  readonly all: () => readonly Arrived[]
  /** The newest word on a loan in its chat. */
  readonly lastTold: (loan: { chat: number; label: string; protocol: string }) => Told | undefined
}

export function createPost(telegram: FakeBotApi): Post {
  const arrived: Arrived[] = []
  const newest = new Map<string, Told>()
  let lastId = 0
  return {
    async collect() {
      const requests = await telegram.control.requests({ method: 'sendMessage', after: lastId })
      for (const request of requests) {
        // One that is still open is looked at again next time.
        if (request.state === 'pending') break
        lastId = request.id
        const text = request.params['text']
        if (!request.accepted || request.chat === null || typeof text !== 'string') continue
        const reference = /ref ([0-9A-F]{6})|repeat of ([0-9A-F]{6})/.exec(text)
        const name = reference?.[1] ?? reference?.[2]
        // An answer to a command.
        if (name === undefined) continue
        const { chat } = request
        arrived.push({ chat, text, reference: name, labelled: text.includes('May be a repeat') })
        const worst = new Map<string, Told>()
        for (const told of toldIn(text)) {
          const key = `${chat} ${told.label} ${told.protocol}`
          if (told.depth >= (worst.get(key)?.depth ?? 0)) worst.set(key, told)
        }
        for (const [key, told] of worst) newest.set(key, told)
      }
    },
    lastId: () => lastId,
    all: () => arrived,
    lastTold: ({ chat, label, protocol }) => newest.get(`${chat} ${label} ${protocol}`),
  }
}

const HEADLINE = /^(🟢|🟡|🟠|🔴|🆘|❓) (W\d\d) · (Neverland|Morpho)/u
const LEFT = /, now (critical|a warning)/
/** The first source is the one that rang. */
const DISPUTED = / says (\d+)\.(\d{2,4})/
const DEPTHS: Record<string, Depth> = { '🟢': 0, '🟠': 1, '🔴': 2, '🆘': 3 }

/** The first line of every alert in a message. */
function toldIn(text: string): Told[] {
  return text.split('\n').flatMap((line) => {
    const found = HEADLINE.exec(line)
    if (!found) return []
    const [, icon = '', label = '', protocol = ''] = found
    // Such a line says of itself that it is not the newest word.
    if (line.includes(' · earlier, at ')) return []
    return [{ label, protocol, depth: DEPTHS[icon] ?? depthInWords(line), line }]
  })
}

/** For lines whose icon does not name a level: left a deeper one, sources disagree. */
function depthInWords(line: string): Depth {
  const left = LEFT.exec(line)?.[1]
  if (left !== undefined) return left === 'critical' ? 2 : 1
  const [, whole = '0', part = ''] = DISPUTED.exec(line) ?? []
  // Shown numbers are rounded down: 1.10 is above a line of 1.1.
  return depthOf(BigInt(`${whole}${part.padEnd(18, '9')}`))
}
