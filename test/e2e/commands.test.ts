import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Bed, createBed } from '../bed/bed.ts'
import { answersTo, buttonsOf, createPerson, openLoan, type Person, personIn, rung } from './person.ts'

const MAX_WALLETS = 45

let bed: Bed
let ada: Person
let wallet: string

beforeAll(async () => {
  bed = await createBed({ env: { BUOY_MAX_WALLETS: String(MAX_WALLETS), BUOY_PROTOCOLS: 'neverland' } })
  await bed.buoy.start()
})
afterAll(async () => {
  await bed.stop()
})
beforeEach(async () => {
  await price('4')
  ada = await createPerson(bed, 'Ada')
  wallet = await openLoan(bed)
})

function price(usd: string): Promise<void> {
  return bed.chain.setPrice({ asset: 'WMON', usd })
}

async function watch(words = '1.4 Main'): Promise<void> {
  await ada.ask(`/add ${wallet} ${words}`, /Watching/)
}

/** Resolves when the next look for new loans has ended. */
async function aSweep(): Promise<void> {
  await bed.buoy.waitForLog(({ msg }) => msg === 'sweep', { what: 'a sweep', from: bed.buoy.logMark() })
}

/** What /list says about the line of the one loan. */
async function line(): Promise<string | undefined> {
  const { text } = await ada.ask('/list', /1\. /)
  return /Neverland Main · (rings at .*)/.exec(text)?.[1]
}

describe('/threshold', () => {
  it('lets the closest setting count and says old, new and what keeps its own line', async () => {
    await watch('Main')
    expect(await line()).toBe('rings at 1.36 (proposed from its health)')
    const chat = await ada.ask('/threshold 1.25', /This chat rings at 1\.25; it was 1\.50\./)
    expect(chat.text).toContain('Main · Neverland Main keeps 1.36 (proposed from its health)')
    const one = await ada.ask('/threshold Main 1.3', /^Main rings at 1\.30\./)
    expect(one.text).toContain('Main · Neverland Main: 1.30')
    expect(await line()).toBe('rings at 1.30 (set for this wallet)')
    await ada.ask('/threshold 1.32 Main', /^Main rings at 1\.32; it was 1\.30\./)
    await ada.ask('/threshold Main neverland 1.2', /^Main on Neverland rings at 1\.20\./)
    expect(await line()).toBe('rings at 1.20 (set for this protocol)')
    const kept = await ada.ask('/threshold Main 1.33', /^Main rings at 1\.33; it was 1\.32\./)
    expect(kept.text).toContain('Main · Neverland Main keeps 1.20 (set for this protocol)')
    await ada.ask('/threshold Main Main 1.1', /^Main · Neverland Main rings at 1\.10\./)
    expect(await line()).toBe('rings at 1.10 (set for this loan)')
    const off = await ada.ask(
      '/threshold Main Main default',
      /has no line of its own any more; it was 1\.10\./,
    )
    expect(off.text).toContain('Main · Neverland Main: 1.20')
    await ada.ask('/threshold Main neverland default', /it was 1\.20\./)
    await ada.ask('/threshold Main default', /^Main has no line of its own any more; it was 1\.33\./)
    expect(await line()).toBe('rings at 1.36 (proposed from its health)')
  })

  it('uses the line of the chat for a loan that has none of its own', async () => {
    const owner = bed.chain.newOwner()
    await ada.ask(`/add ${owner} Later`, /No loan or deposit/)
    await ada.ask('/threshold 1.25', /This chat rings at 1\.25/)
    await bed.chain.openPosition({
      owner,
      supply: [{ asset: 'WMON', amount: '1000' }],
      borrow: [{ asset: 'USDC', amount: '1875' }],
    })
    await aSweep()
    await aSweep()
    expect(await line()).toBe('rings at 1.25 (the default here)')
  })

  it('is set with buttons, loan by loan', async () => {
    await watch()
    const all = await ada.ask('/threshold', /When I ring/)
    expect(all.text).toContain('Main · Neverland Main: 1.40 (set for this wallet)')
    await ada.tap('Main · Neverland Main', all.id)
    const choices = await ada.expectEdit(all.id, /At which health shall it ring/)
    expect(buttonsOf(choices)).toContain('1.20')
    await ada.tap('1.20', all.id)
    await ada.expectEdit(all.id, /^Main · Neverland Main rings at 1\.20\./)
    expect(await line()).toBe('rings at 1.20 (set for this loan)')
    const one = await ada.ask('/threshold Main Main', /rings at 1\.20 \(set for this loan\)/)
    await ada.tap('No line of its own', one.id)
    await ada.expectEdit(one.id, /has no line of its own any more; it was 1\.20/)
    expect(await line()).toBe('rings at 1.40 (set for this wallet)')
  })

  it('tells in its answer what the new line makes of a loan, and rings only for the next deeper level', async () => {
    await watch()
    await bed.aCycle()
    const answer = await ada.ask('/threshold Main 1.7', /^Main rings at 1\.70; it was 1\.40\./)
    expect(answer.text).toContain('Main · Neverland Main: 1.70, so it is warning now')
    await bed.aCycle()
    expect(await rung(ada)).toEqual([])
    await price('2.90')
    const alert = await ada.expect(/^🔴/)
    expect(alert.text).toContain('health 1.16')
    expect(await rung(ada)).toHaveLength(1)
  })

  it('answers words it cannot use in one line with an example, and changes nothing', async () => {
    await watch()
    const answers = await answersTo(ada, [
      '/threshold Nobody 1.3',
      '/threshold Main 0.5',
      '/threshold Main 1.2 1.3',
      '/threshold Main Elsewhere 1.3',
    ])
    expect(answers).toHaveLength(4)
    for (const { text } of answers)
      expect(text.split('\n')).toEqual([expect.any(String), expect.stringMatching(/^Example: \//)])
    const more = await answersTo(ada, ['/threshold Main aave 1.3', '/threshold Main morpho 1.3'])
    expect(more.map(({ text }) => text.includes('Example: '))).toEqual([true, true])
    expect(await line()).toBe('rings at 1.40 (set for this wallet)')
  })
})

describe('/add, /label and /remove', () => {
  it('take the words in any order, and an explorer link for an address', async () => {
    const added = await ada.ask(
      `/add Cold "Vault 7" 1,35 https://monadscan.com/address/${wallet}#tokens`,
      /Watching/,
    )
    expect(added.text).toContain('Watching Cold Vault 7.')
    expect(await line()).toBe('rings at 1.35 (set for this wallet)')
    await ada.ask(`/check ${wallet}`, /Cold Vault 7/)
    const pasted = await ada.ask(
      `https://monadscan.com/address/${bed.chain.newOwner()}`,
      /No loan or deposit/,
    )
    expect(buttonsOf(pasted)).toEqual(['Watch', 'Help'])
  })

  it('renames a wallet, and not to a name that is taken', async () => {
    await watch()
    await ada.ask(`/add ${await openLoan(bed)} Other`, /Watching Other/)
    await ada.ask('/label Main Savings', /^Main is called Savings now\./)
    await ada.ask('/label savings other', /Another wallet is called “other” already\./)
    await ada.ask(`/label ${wallet} Main`, /^Savings is called Main now\./)
    await ada.ask('/label Nobody Somebody', /I need to know which wallet/)
    expect((await ada.ask('/list', /1\. /)).text).toMatch(/1\. Main .*\n.*\n2\. Other /)
  })

  it('does not leave out a part of a new label without a word', async () => {
    await watch()
    const answer = await ada.ask('/label Main Wallet 2', /./)
    expect(answer.text).not.toMatch(/is called Wallet now/)
  })

  it('answer words they cannot use in one line with an example, and change nothing', async () => {
    await watch()
    const answers = await answersTo(ada, [
      '/add',
      '/add Main',
      '/add 0x1234',
      '/remove Nobody',
      '/label Main',
    ])
    expect(answers).toHaveLength(5)
    for (const { text } of answers) expect(text).toMatch(/^[^\n]+\nExample: \/[^\n]+$/)
    expect((await ada.ask('/list', /1\. Main/)).text).not.toContain('2. ')
  })
})

describe('/status and /protocols', () => {
  it('tell a fresh chat, one with loans, and one that is stopped, how things are', async () => {
    const fresh = await ada.ask('/status', /Alerts are on/)
    expect(fresh.text).toContain('No wallet is watched here yet.')
    await watch('1.7 Main')
    await ada.expect(/^🟠/)
    const full = await ada.ask('/status', /Alerts are on/)
    expect(full.text).toContain('1 wallet, loans: 🟠 1 warning.')
    expect(full.text).toMatch(/Every loan here was seen within the last \d+ s\./)
    expect(full.text).toMatch(/I read everything every 1 s; the last round ended \d+ s ago\./)
    await ada.ask('/stop', /No more alerts/)
    await ada.ask('/status', /Alerts are off in this chat\. \/resume turns them on\./)
    const protocols = await ada.ask('/protocols', /Neverland: 1 loan of yours/)
    expect(protocols.text).toContain('Morpho: not watched by this bot')
    expect(protocols.entities.some(({ type }) => type === 'text_link')).toBe(true)
  })
})

describe('/stop and /resume', () => {
  it('keep silent through a fall, then ring what is newly under its line', async () => {
    await watch()
    await ada.ask('/stop', /No more alerts in this chat/)
    await price('3.40')
    await bed.aCycle()
    expect(await rung(ada)).toEqual([])
    await ada.ask('/resume', /Alerts are on/)
    await ada.expect(/^🟠 Main · Neverland Main · health 1\.36/)
  })

  it('ring after /resume only what is deeper than what was told', async () => {
    await watch()
    await price('3.40')
    await ada.expect(/^🟠/)
    await ada.ask('/stop', /No more alerts/)
    await bed.aCycle()
    await ada.ask('/resume', /Alerts are on/)
    await bed.aCycle()
    expect(await rung(ada)).toHaveLength(1)
    await ada.ask('/stop', /No more alerts/)
    await price('2.70')
    await bed.aCycle()
    expect(await rung(ada)).toHaveLength(1)
    await ada.ask('/resume', /Alerts are on/)
    await ada.expect(/^🔴/)
  })
})

describe('/check', () => {
  it('shows the worst first, and by label, by protocol and for an unknown label', async () => {
    await watch('1.4 Calm')
    const risky = await bed.chain.openPosition({
      supply: [{ asset: 'WMON', amount: '1000' }],
      borrow: [{ asset: 'USDC', amount: '2500' }],
    })
    await ada.ask(`/add ${risky} 1.1 Risky`, /Watching Risky/)
    const all = await ada.ask('/check', /health/)
    expect(all.text.indexOf('Risky')).toBeLessThan(all.text.indexOf('Calm'))
    expect(all.text).toContain('health 1.20')
    const calm = await ada.ask('/check calm', /Calm/)
    expect(calm.text).not.toContain('Risky')
    await ada.ask('/check neverland', /Risky [^]*Calm/)
    const unknown = await ada.ask('/check Nobody', /I read “Nobody” as a label/)
    expect(unknown.text).toContain('your wallets are “Calm”, “Risky”.')
    const bob = await createPerson(bed, 'Bob')
    await bob.ask('/check morpho', /Morpho is not watched by this bot yet; it watches Neverland\./)
    await bob.ask('/check', /No wallet is watched/)
    await bob.ask('/check 1.4', /I read a number/)
  })
})

describe('the menus', () => {
  it('offer everything in private and to group admins, and to group members what they may use', async () => {
    const { control } = bed.telegram
    const names = async (type: string, languageCode: string) =>
      (await control.commands({ scope: { type }, languageCode })).map(({ command }) => command)
    const shown = ['check', 'position', 'rescue', 'list', 'history', 'pools', 'tokens', 'lp', 'example']
    const everybody = [...shown, 'status', 'protocols', 'help']
    for (const languageCode of ['', 'zh']) {
      const full = await names('default', languageCode)
      expect(full).toEqual(
        expect.arrayContaining([...everybody, 'add', 'threshold', 'label', 'remove', 'stop']),
      )
      expect(await names('all_chat_administrators', languageCode)).toEqual(full)
      expect(await names('all_private_chats', languageCode)).toEqual(full)
      expect(await names('all_group_chats', languageCode)).toEqual(everybody)
    }
    const chinese = await control.commands({ languageCode: 'zh' })
    for (const { description } of chinese) expect(description).toMatch(/\p{Script=Han}/u)
  })
})

describe('many wallets', () => {
  it('come in pages that fit, with buttons that work, up to the limit of the chat', async () => {
    const { control } = bed.telegram
    const owners = await bed.chain.openPositions(
      Array.from({ length: MAX_WALLETS }, () => ({
        supply: [{ asset: 'WMON' as const, amount: '10' }],
        borrow: [{ asset: 'USDC' as const, amount: '18.75' }],
      })),
    )
    const { id: chat } = await control.createGroup({ members: [{ user: ada.user, status: 'creator' }] })
    for (const [index, owner] of owners.entries()) {
      if (index % 6 === 0) await bed.advance(61)
      const inTeam = personIn(bed, { user: ada.user, chat })
      await inTeam.ask(
        `/add ${owner} ${index % 2 === 0 ? '1.4' : ''} "Wallet-${index + 1} of the family"`,
        /Watching Wallet-/,
      )
    }
    await bed.advance(61)
    const team = personIn(bed, { user: ada.user, chat })
    const refused = await team.ask(`/add ${wallet} One-more`, /./)
    expect(refused.text.split('\n')[0]).toBe(
      'This chat watches 45 wallets, as many as it may. Remove one first.',
    )

    const list = await team.ask('/list', /1\. Wallet-1 /)
    expect(buttonsOf(list)).toContain('2 ›')
    await team.tap('2 ›', list.id)
    const second = await team.expect(/45\. Wallet-45 /)
    expect(buttonsOf(second)).toContain('‹ 1')
    await team.tap('‹ 1', second.id)
    await team.expect(/1\. Wallet-1 /)

    const check = await team.ask('/check', /Wallet-/)
    expect(buttonsOf(check)).toContain('2 ›')
    await team.tap('2 ›', check.id)
    const next = await team.expectEdit(check.id, /Wallet-/)
    expect(next.text).not.toBe(check.text)
    expect(buttonsOf(next)).toContain('‹ 1')
    await team.tap('‹ 1', check.id)
    await control.waitFor(async () => {
      const shown = (await team.seen()).find(({ id }) => id === check.id)
      return shown && buttonsOf(shown).includes('2 ›')
    })
    for (const { text } of await team.seen()) expect(text.length).toBeLessThanOrEqual(4096)
  })
})
