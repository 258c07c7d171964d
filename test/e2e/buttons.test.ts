import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Bed, createBed } from '../bed/bed.ts'
import type { VisibleMessage } from '../fakes/bot-api/index.ts'
import { answersTo, buttonsOf, createPerson, openLoan, type Person, personIn, rung } from './person.ts'

const EXPIRED = 'This button has expired.'

let bed: Bed
let ada: Person
let wallet: string

beforeAll(async () => {
  bed = await createBed()
  await bed.buoy.start()
})
afterAll(async () => {
  await bed.stop()
})
beforeEach(async () => {
  await bed.proxy.set({ kind: 'ok' })
  await price('4')
  ada = await createPerson(bed, 'Ada')
  wallet = await openLoan(bed)
})

function price(usd: string): Promise<void> {
  return bed.chain.setPrice({ asset: 'WMON', usd })
}

async function ringingAlert(person = ada): Promise<VisibleMessage> {
  await person.ask(`/add ${wallet} 1.4 Main`, /Watching Main/)
  await price('3.40')
  return person.expect(/^🟠/)
}

async function again({ id }: VisibleMessage): Promise<VisibleMessage> {
  return bed.telegram.control.waitFor(async () => (await ada.seen()).find((message) => message.id === id))
}

function dataOf(message: VisibleMessage, button: string): string {
  return message.buttons.flat().find(({ text }) => text === button)?.data ?? 'none'
}

async function createTeam(): Promise<{ admin: Person; member: Person }> {
  const { control } = bed.telegram
  const owner = await control.createUser({ firstName: 'Ada' })
  const other = await control.createUser({ firstName: 'Bob' })
  const members = [{ user: owner.id, status: 'creator' as const }, { user: other.id }]
  const { id: chat } = await control.createGroup({ members })
  return {
    admin: personIn(bed, { user: owner.id, chat }),
    member: personIn(bed, { user: other.id, chat }),
  }
}

describe('the buttons under an alert', () => {
  it('shows on Seen who has seen it, and answers the tap', async () => {
    const alert = await ringingAlert()
    expect(buttonsOf(alert)).toEqual(['Seen', 'Snooze 1 h', 'Refresh', 'Ways out', 'Open Neverland'])
    const answer = await ada.tap('Seen', alert.id)
    expect(answer.text).toBe('Noted. A deeper level rings again.')
    expect(buttonsOf(await again(alert))).toEqual([
      'Seen ✓ Ada',
      'Snooze 1 h',
      'Refresh',
      'Ways out',
      'Open Neverland',
    ])
    await price('2.70')
    await ada.expect(/^🔴/)
  })

  it('snoozes further lows of a level, and not a deeper one', async () => {
    const alert = await ringingAlert()
    const answer = await ada.tap('Snooze 1 h', alert.id)
    expect(answer.text).toMatch(
      /^No more of this level until (\S+ )?\d\d:\d\d UTC\. A deeper level rings at once\.$/,
    )
    expect(buttonsOf(await again(alert))[1]).toMatch(/^Snoozed until (\S+ )?\d\d:\d\d UTC$/)
    await price('3')
    await bed.aCycle()
    expect(await rung(ada)).toHaveLength(1)
    await price('2.70')
    expect((await ada.expect(/^🔴/)).text).toContain('Under the critical line')
    expect(await rung(ada)).toHaveLength(2)
  })

  it('rings further lows of the deeper level although the one above is snoozed', async () => {
    const alert = await ringingAlert()
    await ada.tap('Snooze 1 h', alert.id)
    await price('2.70')
    await ada.expect(/^🔴/)
    await price('2.58')
    expect((await ada.expect(/^🔴/)).text).toContain('Still falling.')
  })

  it('rings further lows again once the hour of a snooze is over', async () => {
    const alert = await ringingAlert()
    await ada.tap('Snooze 1 h', alert.id)
    await bed.advance(3601)
    await price('3')
    expect((await ada.expect(/^🟠/)).text).toContain('Still falling.')
  })

  it('adds how it is now to the alert itself, once however often it is asked', async () => {
    const alert = await ringingAlert()
    await price('3.30')
    await ada.tap('Refresh', alert.id)
    const first = await ada.expectEdit(alert.id, /\n\nNow: health 1\.32 · 24\.2 % to liquidation · block /)
    expect(first.text.startsWith(`${alert.text}\n\nNow: `)).toBe(true)
    expect(first.entities).toEqual(alert.entities)
    expect(buttonsOf(first)).toEqual(buttonsOf(alert))
    await price('3.50')
    await ada.tap('Refresh', alert.id)
    const second = await ada.expectEdit(alert.id, /Now: health 1\.40/)
    expect(second.text.split('Now: ')).toHaveLength(2)
    expect(second.text.startsWith(`${alert.text}\n\nNow: `)).toBe(true)
  })

  it('says on Refresh that it cannot see the loan while the chain does not answer', async () => {
    const alert = await ringingAlert()
    await bed.proxy.set({ kind: 'down' })
    await ada.tap('Refresh', alert.id)
    const edited = await ada.expectEdit(alert.id, /Now: I cannot see it \(/)
    expect(edited.text.startsWith(alert.text)).toBe(true)
    expect(edited.text).not.toMatch(/Now: .*(health|no longer find)/)
  })

  it('keeps the name on Seen when Refresh is pressed after it', async () => {
    const alert = await ringingAlert()
    await ada.tap('Seen', alert.id)
    await ada.tap('Refresh', alert.id)
    const edited = await ada.expectEdit(alert.id, /Now: health/)
    expect(buttonsOf(edited)).toContain('Seen ✓ Ada')
  })

  it('does nothing for a button of an alert of another chat', async () => {
    const alert = await ringingAlert()
    const bob = await createPerson(bed, 'Bob')
    const hello = await bob.ask('/help', /watch a wallet/)
    for (const button of ['Seen', 'Snooze 1 h', 'Refresh']) {
      const data = dataOf(alert, button)
      const answer = await bed.telegram.control.press({
        user: bob.user,
        messageId: hello.id,
        data,
        force: true,
      })
      expect(answer.text).toBe(EXPIRED)
    }
    expect(buttonsOf(await again(alert))).toEqual(buttonsOf(alert))
    await price('3')
    expect((await ada.expect(/^🟠/)).text).toContain('Still falling.')
  })

  it('answers buttons that it does not know', async () => {
    await expectExpired(['seen:999999', 'snooze:1x', 'ack_v1:7', 'x', 'now:', ''])
  })

  it('answers forged buttons that are called like something built into JavaScript', async () => {
    await expectExpired(['constructor:1', '__proto__', 'toString'])
  })
})

async function expectExpired(forged: readonly string[]): Promise<void> {
  const { id: messageId } = await ada.ask('/help', /watch a wallet/)
  for (const data of forged) {
    const press = { user: ada.user, messageId, data, force: true }
    expect((await bed.telegram.control.press(press)).text, data).toBe(EXPIRED)
  }
  expect(await answersTo(ada, [])).toEqual([])
}

describe('buttons in a group', () => {
  it('lets anybody say Seen, and only admins snooze', async () => {
    const { admin, member } = await createTeam()
    const alert = await ringingAlert(admin)
    const refused = await member.tap('Snooze 1 h', alert.id)
    expect(refused).toMatchObject({ text: 'Only admins of this group can snooze.', showAlert: true })
    await member.tap('Seen', alert.id)
    const shown = (await admin.seen()).find(({ id }) => id === alert.id)
    expect(shown && buttonsOf(shown).slice(0, 2)).toEqual(['Seen ✓ Bob', 'Snooze 1 h'])
    await price('3')
    expect((await admin.expect(/^🟠/)).text).toContain('Still falling.')
  })

  it('refuses somebody without rights who taps on what removes a wallet', async () => {
    const { admin, member } = await createTeam()
    await admin.ask(`/add ${wallet} 1.4 Main`, /Watching Main/)
    await admin.ask('/list', /1\. Main/)
    const refusal = { text: 'Only admins of this group can change what I watch here.', showAlert: true }
    expect(await member.tap('Remove one')).toMatchObject(refusal)
    const question = await admin.ask('/remove', /Which wallet/)
    expect(await member.tap('Main', question.id)).toMatchObject(refusal)
    await member.ask('/list', /1\. Main/)
    await admin.tap('Main', question.id)
    await admin.expectEdit(question.id, /Main .* is no longer watched/)
    expect(await member.tap('Undo', question.id)).toMatchObject(refusal)
    await member.ask('/list', /No wallet is watched/)
  })
})

describe('undo', () => {
  it('puts a wallet back with label and thresholds, tells nothing twice, and rings a further fall', async () => {
    await ringingAlert()
    await ada.ask('/threshold Main neverland 1.45', /Main on Neverland rings at 1\.45/)
    const removed = await ada.ask('/remove Main', /no longer watched/)
    await ada.tap('Undo', removed.id)
    await ada.expectEdit(removed.id, /Main is watched again, with its thresholds as they were/)
    const list = await ada.ask('/list', /1\. Main/)
    expect(list.text).toContain('Neverland Main · rings at 1.45 (set for this protocol)')
    await bed.aCycle()
    expect(await rung(ada)).toHaveLength(1)
    await ada.ask('/threshold Main neverland default', /it was 1\.45/)
    expect((await ada.ask('/list', /1\. Main/)).text).toContain('rings at 1.40 (set for this wallet)')
    await price('2.70')
    await ada.expect(/^🔴/)
    expect(await rung(ada)).toHaveLength(2)
  })

  it('works once', async () => {
    await ada.ask(`/add ${wallet} 1.4 Main`, /Watching Main/)
    const removed = await ada.ask('/remove Main', /no longer watched/)
    const data = dataOf(removed, 'Undo')
    await ada.tap('Undo', removed.id)
    await ada.expectEdit(removed.id, /watched again/)
    await bed.telegram.control.press({ user: ada.user, messageId: removed.id, data, force: true })
    await ada.expectEdit(removed.id, /can no longer be undone/)
    const list = await ada.ask('/list', /1\. Main/)
    expect(list.text).not.toContain('2. ')
  })

  it('leaves a wallet alone that is watched again already', async () => {
    await ada.ask(`/add ${wallet} 1.4 Main`, /Watching Main/)
    const removed = await ada.ask('/remove Main', /no longer watched/)
    await ada.ask(`/add ${wallet} 1.3 Second`, /Watching Second/)
    await ada.tap('Undo', removed.id)
    await ada.expectEdit(removed.id, /watched again already/)
    expect((await ada.ask('/list', /1\. Second/)).text).toContain('rings at 1.30')
  })
})
