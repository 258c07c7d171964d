import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { loadStates } from '../../db/alert-states.ts'
import { commitTransitions } from '../../db/commit-transitions.ts'
import type { StoredPosition } from '../../db/positions.ts'
import { setThreshold } from '../../db/watches.ts'
import { decide } from '../../src/domain/alerting/decide.ts'
import { linesFor, MAX_WARNING_WAD, MIN_WARNING_WAD } from '../../src/domain/thresholds.ts'
import { WAD } from '../../src/domain/units.ts'
import { databases, useDatabase } from './databases.ts'
import { addPosition, addWatcher, NOW, outboxRows, ownerOf, reading, refOf, wad } from './store-kit.ts'

const OWNER = ownerOf(1)

describe.each(databases)('lines on $name', (kind) => {
  const store = useDatabase(kind)
  let watchId: number
  let markets = 0

  beforeEach(async () => {
    watchId = (await addWatcher(store.db, { chatId: 1, owner: OWNER })).id
  })

  async function levelAt(healthWad: bigint, position?: StoredPosition): Promise<string | undefined> {
    markets += 1
    const where = position ?? (await addPosition(store.db, refOf(OWNER, `0x${markets}`)))
    const readings = [{ position: where, reading: reading(100, healthWad) }]
    await commitTransitions(store.db, { readings, nowMs: NOW, decide })
    return (await loadStates(store.db, [where.id])).get(`1:${where.id}`)?.level
  }

  async function setWallet(warningWad: bigint): Promise<void> {
    await setThreshold(store.db, { watchId, scope: 'wallet', target: '', warningWad })
  }

  it.each([['1.5'], ['1.001'], ['1.35'], ['10'], ['1.333333333333333333'], ['1.100000000000000001']])(
    'a health on the stored line of %s is a warning, and one wei above it is safe',
    async (text) => {
      await setWallet(wad(text))
      expect(await levelAt(wad(text))).toBe('warning')
      expect(await levelAt(wad(text) + 1n)).toBe('safe')
      const [row] = await outboxRows(store.db)
      expect(row?.payload).toContain(wad(text).toString())
    },
  )

  it('a health on a line is under it, whatever the line', async () => {
    const line = fc.bigInt({ min: MIN_WARNING_WAD, max: MAX_WARNING_WAD })
    await fc.assert(
      fc.asyncProperty(line, async (warningWad) => {
        await setWallet(warningWad)
        const { criticalWad } = linesFor(warningWad)
        expect(await levelAt(warningWad + 1n)).toBe('safe')
        expect(await levelAt(warningWad)).toBe('warning')
        expect(await levelAt(criticalWad + 1n)).toBe('warning')
        expect(await levelAt(criticalWad)).toBe('critical')
      }),
      { numRuns: 25 },
    )
  })

  it('a health of exactly 1 is critical, and one wei less is liquidatable', async () => {
    expect(await levelAt(WAD)).toBe('critical')
    expect(await levelAt(WAD - 1n)).toBe('liquidatable')
  })

  it('the most specific threshold a person set applies, then what Buoy proposed, then the one of the chat', async () => {
    const { key } = refOf(OWNER, '0xladder')
    const position = await addPosition(store.db, refOf(OWNER, '0xladder'))
    const ladder = [
      { scope: 'proposed', target: key, line: '1.6' },
      { scope: 'wallet', target: '', line: '1.7' },
      { scope: 'protocol', target: 'neverland', line: '1.8' },
      { scope: 'position', target: key, line: '1.9' },
    ] as const
    const appliedWad = async () => {
      let applied: bigint | undefined
      await commitTransitions(store.db, {
        readings: [{ position, reading: reading(100, wad('2')) }],
        nowMs: NOW,
        decide: (input) => {
          applied = input.lines.warningWad
          return decide(input)
        },
      })
      return applied
    }
    expect(await appliedWad()).toBe(wad('1.5'))
    for (const { line, ...threshold } of ladder) {
      await setThreshold(store.db, { watchId, ...threshold, warningWad: wad(line) })
      expect(await appliedWad()).toBe(wad(line))
    }
  })

  it('a threshold concerns neither another position, nor another protocol, nor another chat', async () => {
    const set = (scope: 'position' | 'proposed' | 'protocol', target: string) =>
      setThreshold(store.db, { watchId, scope, target, warningWad: wad('3') })
    await set('position', refOf(OWNER, '0xother').key)
    await set('proposed', refOf(OWNER, '0xother').key)
    await set('protocol', 'morpho')
    expect(await levelAt(wad('2'))).toBe('safe')
    await setWallet(wad('3'))
    await addWatcher(store.db, { chatId: 2, owner: OWNER })
    const position = await addPosition(store.db, refOf(OWNER, '0xshared'))
    expect(await levelAt(wad('2'), position)).toBe('warning')
    const theirs = (await loadStates(store.db, [position.id])).get(`2:${position.id}`)
    expect(theirs?.level).toBe('safe')
  })

  it('the threshold of a chat is its own setting', async () => {
    await store.db
      .updateTable('chats')
      .set({ warning_wad: wad('2.5').toString() })
      .execute()
    expect(await levelAt(wad('2.5'))).toBe('warning')
    expect(await levelAt(wad('2.5') + 1n)).toBe('safe')
  })
})
