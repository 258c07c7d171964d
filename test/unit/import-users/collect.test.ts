import { describe, expect, it } from 'vitest'
import { collectFromJson } from '../../../src/import-users/from-json.ts'
import { collectFromRows } from '../../../src/import-users/from-rows.ts'
import { exact, exactOf, lines, OTHER, OWNER } from './kit.ts'

const CHECKSUMMED = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
const MISTYPED = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD'
const wallet = (warningWad: bigint) => ({ scope: 'wallet', target: '', warningWad })

function fromJson(file: unknown) {
  const users = collectFromJson(exactOf(file))
  if (!users) throw new Error('not an object')
  return { chats: users.chats, lines: lines(users.problems) }
}

describe('users of a JSON file', () => {
  it('are chats with their wallets, in the order of the file', () => {
    const file = {
      '-1001234567890': { addresses: { [OTHER]: { default_threshold: 2 }, [CHECKSUMMED]: {} } },
      '-42': {},
    }
    expect(fromJson(file)).toEqual({
      chats: [
        {
          id: -1_001_234_567_890,
          wallets: [
            { owner: OTHER, thresholds: [wallet(2n * 10n ** 18n)] },
            { owner: CHECKSUMMED.toLowerCase(), thresholds: [] },
          ],
        },
        { id: -42, wallets: [] },
      ],
      lines: [],
    })
  })

  it.each([
    '',
    '0',
    '-',
    '+5',
    '5.0',
    '5 ',
    '1e3',
    'abc',
    '007',
    '99999999999999999',
    '9007199254740993',
    '__proto__',
  ])('cannot live in a chat with the id %j', (id) => {
    const text = `{${JSON.stringify(id)}: {"addresses": {"${OWNER}": {}}}, "7": {}}`
    const users = collectFromJson(exact(text))
    expect(users?.chats).toEqual([{ id: 7, wallets: [] }])
    expect(lines(users?.problems ?? [])).toEqual([
      `chat "${id}": a chat id is a whole number other than 0. Nothing of this chat is imported.`,
    ])
  })

  it('lose a wallet with a bad address, and only that one', () => {
    const addresses = { [MISTYPED]: {}, '0x12': {}, [`${OWNER}00`]: {}, '': {}, [OWNER]: {} }
    expect(fromJson({ '5': { addresses } })).toEqual({
      chats: [{ id: 5, wallets: [{ owner: OWNER, thresholds: [] }] }],
      lines: [
        'chat 5, address 0x5aAe…eAeD: its upper and lower case do not fit, so a digit may be mistyped. This wallet is not imported.',
        'chat 5, address "0x12": an address is 0x and 40 digits 0-9 a-f. This wallet is not imported.',
        'chat 5, address 0x0000…aa00: an address is 0x and 40 digits 0-9 a-f. This wallet is not imported.',
        'chat 5, address "": an address is 0x and 40 digits 0-9 a-f. This wallet is not imported.',
      ],
    })
  })

  it('keep a wallet whose settings are wrong, and say where', () => {
    const file = { '5': { addresses: { [OWNER]: { default_threshold: true }, [OTHER]: null } } }
    const users = fromJson(file)
    expect(users.chats[0]?.wallets).toEqual([
      { owner: OWNER, thresholds: [] },
      { owner: OTHER, thresholds: [] },
    ])
    expect(users.lines).toEqual([
      'chat 5, 0x0000…00aa, default_threshold: read true, expected a plain number from 1.001 to 10. The wallet is imported without it.',
      'chat 5, 0x0000…00bb: read null, expected an object. The wallet is imported without the thresholds in there.',
    ])
  })

  it('have one wallet per address, however it is spelled; the first threshold counts', () => {
    const spelled = OWNER.replace('aa', 'AA')
    const same = fromJson({
      '5': { addresses: { [OWNER]: { default_threshold: 1.3 }, [spelled]: { default_threshold: '1.30' } } },
    })
    expect(same.lines).toEqual([])
    const different = fromJson({
      '5': { addresses: { [OWNER]: { default_threshold: 1.3 }, [spelled]: { default_threshold: 1.4 } } },
    })
    expect(different.chats).toEqual(same.chats)
    expect(different.lines).toEqual([
      'chat 5, 0x0000…00aa: the wallet threshold is in the file more than once with different values. The first one is used.',
    ])
  })

  it('are said to be missing where a chat has the wrong type or unknown fields', () => {
    const file = { '1': [], '2': 'x', '3': { addresses: 1 }, '4': { address: OWNER }, nobody: null }
    expect(fromJson(file)).toEqual({
      chats: [
        { id: 3, wallets: [] },
        { id: 4, wallets: [] },
      ],
      lines: [
        'chat "1": read a list, expected an object. Nothing of this chat is imported.',
        'chat "2": read "x", expected an object. Nothing of this chat is imported.',
        'chat 3, addresses: read 1, expected an object. The chat is imported without wallets.',
        'chat 4, "address": Buoy does not know this field. It is left out.',
        'chat "nobody": read null, expected an object. Nothing of this chat is imported.',
      ],
    })
  })

  it('need an object around them', () => {
    for (const text of ['[]', '1', 'null', '"x"']) expect(collectFromJson(exact(text))).toBeUndefined()
  })
})

describe('users of a SQLite table', () => {
  it('are read from one row per wallet, with chat ids as text or number', () => {
    const users = collectFromRows([
      { chatId: '5', address: OWNER, data: '{"default_threshold": 1.3}' },
      { chatId: 5n, address: OTHER, data: '{}' },
      { chatId: '-6', address: OWNER, data: '{}' },
    ])
    expect(users).toEqual({
      chats: [
        {
          id: 5,
          wallets: [
            { owner: OWNER, thresholds: [wallet(1_300_000_000_000_000_000n)] },
            { owner: OTHER, thresholds: [] },
          ],
        },
        { id: -6, wallets: [{ owner: OWNER, thresholds: [] }] },
      ],
      problems: [],
    })
  })

  it.each([
    ['broken JSON', '{'],
    ['empty', ''],
    ['a word', 'nope'],
    ['missing', null],
    ['a whole number', 7n],
    ['a fraction', 1.5],
    ['bytes', Buffer.from('{}')],
  ])('keep their wallet when its data is %s', (_, data) => {
    const users = collectFromRows([{ chatId: '5', address: OWNER, data }])
    expect(users.chats).toEqual([{ id: 5, wallets: [{ owner: OWNER, thresholds: [] }] }])
    expect(lines(users.problems)).toEqual([
      'chat 5, 0x0000…00aa, data: is not JSON. The wallet is imported without thresholds.',
    ])
  })

  it('are left out when chat or address are of no use', () => {
    const users = collectFromRows([
      { chatId: null, address: OWNER, data: '{}' },
      { chatId: 5.5, address: OWNER, data: '{}' },
      { chatId: Buffer.from('5'), address: OWNER, data: '{}' },
      { chatId: '5', address: null, data: '{}' },
      { chatId: '5', address: 12n, data: '{}' },
    ])
    expect(users.chats).toEqual([{ id: 5, wallets: [] }])
    expect(users.problems.map(({ where }) => where.join(', '))).toEqual([
      'chat "(null)"',
      'chat "(number)"',
      'chat "(bytes)"',
      'chat 5, address "(null)"',
      'chat 5, address "12"',
    ])
  })
})
