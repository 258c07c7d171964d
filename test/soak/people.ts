import type { Place } from '../e2e/person.ts'
import { type Scene, wait } from './scene.ts'

/** None of them takes a wallet away, so that there is as much to do at the end as at the beginning. */
const BUTTONS = [
  'Seen',
  'Seen',
  'Seen, all of it',
  'Refresh',
  'Refresh',
  'Snooze 1 h',
  'Ways out',
  'My wallets',
  'Check now',
  '📈 1',
  '2 ›',
  'Alerts',
  'How did it go',
] as const
const STRANGERS = 10
const STRANGERS_SHARE = 0.05
const PRESS_SHARE = 0.5
const UNDO_AFTER_MS = 1_500

/** What people type, with a wallet's label where it belongs. */
const WORDS: readonly ((label: string, owner: string) => string)[] = [
  // Whoever could not take a removal back adds the wallet again.
  (label, owner) => `/add ${owner} 1.4 ${label}`,
  (label, owner) => `/add ${owner} 1.4 ${label}`,
  (label, owner) => `/add ${owner} 1.4 ${label}`,
  () => '/resume',
  () => '/check',
  () => '/check',
  (label) => `/check ${label}`,
  () => '/settings',
  () => '/history',
  (label) => `/history ${label}`,
  () => '/pools',
  () => '/pools bonk',
  () => '/poolalerts on',
  () => '/poolalerts off',
  () => '/list',
  () => '/status',
  () => '/protocols',
  () => '/help',
  (label) => `/position ${label}`,
  (label) => `/rescue ${label} 2`,
  (label) => `/threshold ${label} 1.4`,
  (label) => `/label ${label} ${label}`,
  (label) => `/snooze ${label} 1h`,
  (label) => `/remove ${label}`,
  () => '/drill',
  () => '/example',
  () => '/lp',
  () => '/stop',
  () => '/resume',
  () => '/pair',
  () => '/check 0x12',
  (label) => `/threshold ${label} minus one`,
  () => '/add nothing',
  () => '/pools nothing',
  () => '/no-such-command',
  () => 'hello <b>there',
  () => '😀'.repeat(300),
  () => `/label ${'x'.repeat(3_000)}`,
]

/** People ask, change their minds, press buttons and type nonsense, until the time is over. */
export async function playPeople(scene: Scene): Promise<void> {
  const { bed, town, random, tally, over } = scene
  const { control } = bed.telegram
  const places = await placesOf(scene)
  const strangers = await strangersIn(scene)
  while (!over.aborted) {
    await wait(over, 200 + random.below(900))
    const place = random.pick(random.chance(STRANGERS_SHARE) ? strangers : places)
    const own = town.loans.filter(({ chat }) => chat === place.chat)
    const { label, owner } = random.pick(own.length > 0 ? own : town.loans)
    const text = random.pick(WORDS)(label, owner)
    await control.say({ ...place, text })
    tally.said += 1
    if (random.chance(PRESS_SHARE)) await press(scene, { ...place, text: random.pick(BUTTONS) })
    if (text === '/stop') await control.say({ ...place, text: '/resume' })
    if (!text.startsWith('/remove')) continue
    await wait(over, UNDO_AFTER_MS)
    await press(scene, { ...place, text: 'Undo' })
  }
}

/** The private chats and the group, where the first of the people is an admin too. */
async function placesOf({ bed, town }: Scene): Promise<Place[]> {
  const [user = 0] = town.chats
  const places: Place[] = []
  for (const chat of town.chats) {
    if (chat < 0) await bed.telegram.control.setMember({ chat, user, status: 'administrator' })
    places.push({ user: chat < 0 ? user : chat, chat })
  }
  return places
}

/** Whoever comes by now and then. Not more and more of them: each may bring wallets. */
async function strangersIn({ bed }: Scene): Promise<Place[]> {
  const places: Place[] = []
  for (let index = 0; index < STRANGERS; index += 1) {
    const { id } = await bed.telegram.control.createUser({ firstName: `Stranger ${index}` })
    places.push({ user: id, chat: id })
  }
  return places
}

/** Presses the newest such button, if there is one. */
async function press({ bed, tally }: Scene, button: Place & { text: string }): Promise<void> {
  try {
    await bed.telegram.control.tap(button)
    tally.pressed += 1
  } catch {
    // No message in that chat has it.
  }
}
