import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyBad, type Finding, type Mark, summaryOf, worstFirst } from '../../../src/domain/finding.ts'
import { doctorJson } from '../../../src/ops/doctor/json.ts'
import { doctorTable } from '../../../src/ops/doctor/table.ts'
import { doctorView } from '../../../src/views/doctor.ts'

const MARKS: readonly Mark[] = ['good', 'doubtful', 'bad']
const PLAIN = { width: 100, colour: false }

function finding(mark: Mark, more: Partial<Finding> = {}): Finding {
  return { mark, what: `a ${mark} thing`, detail: 'was found', change: null, ...more }
}

const words = fc.string({ minLength: 1, maxLength: 300, unit: 'grapheme-ascii' })
const findings = fc.array(
  fc.record({
    mark: fc.constantFrom(...MARKS),
    what: words,
    detail: words,
    change: fc.option(words),
  }),
  { maxLength: 200 },
)

describe('the table of the self-check', () => {
  it('has a sign, the thing, what was found and under it what to change, with a summary', () => {
    const table = doctorTable(
      [
        finding('good'),
        finding('doubtful', { what: 'RPC rpc.example', detail: 'refused logs' }),
        finding('bad', { what: 'Database', detail: 'is damaged', change: 'Restore a backup' }),
      ],
      PLAIN,
    )
    expect(table).toBe(
      [
        '✓ a good thing     was found',
        '! RPC rpc.example  refused logs',
        '✗ Database         is damaged',
        '                   → Restore a backup',
        '',
        '3 checks: 1 good, 1 doubtful, 1 bad.',
        '',
      ].join('\n'),
    )
  })

  it('colours nothing but the sign, and only when told', () => {
    const coloured = doctorTable([finding('bad')], { width: 100, colour: true })
    expect(coloured).toContain('\u001b[31m✗\u001b[0m a bad thing  was found')
    expect(doctorTable([finding('bad')], PLAIN)).not.toContain('\u001b')
  })

  it('never has a line that is too long, and loses no letter', () => {
    fc.assert(
      fc.property(findings, fc.integer({ min: 40, max: 160 }), (list, width) => {
        const table = doctorTable(list, { width, colour: false })
        for (const line of table.split('\n')) expect(line.length).toBeLessThanOrEqual(width)
        const letters = (text: string): number => text.replace(/\s/g, '').length
        const told = list.map(
          ({ what, detail, change }) => what + detail + (change === null ? '' : `→${change}`),
        )
        expect(letters(table)).toBe(
          told.reduce((sum, text) => sum + letters(text), 0) + list.length + letters(summaryOf(list)),
        )
      }),
    )
  })
})

describe('the JSON of the self-check', () => {
  it('says whether all is well, and has every check', () => {
    const list = [finding('good'), finding('bad', { change: 'X' })]
    expect(JSON.parse(doctorJson(list))).toEqual({ ok: false, checks: list })
    expect(JSON.parse(doctorJson([finding('doubtful')]))).toMatchObject({ ok: true })
  })
})

describe('the message of the self-check', () => {
  it('tells what is bad first, then what is doubtful, each with what to change', () => {
    const { text } = doctorView([
      finding('good'),
      finding('doubtful'),
      finding('bad', { change: 'Correct BUOY_CHAIN_ID' }),
    ]).body
    expect(text.split('\n')).toEqual([
      'Self-check',
      '3 checks: 1 good, 1 doubtful, 1 bad.',
      '',
      '❌ a bad thing: was found',
      '   → Correct BUOY_CHAIN_ID',
      '⚠️ a doubtful thing: was found',
      '✓ a good thing: was found',
    ])
  })

  it('fits into one message, and says how many checks it leaves out', () => {
    fc.assert(
      fc.property(findings, (list) => {
        const { text } = doctorView(list).body
        expect(text.length).toBeLessThan(4096)
      }),
    )
    const many = Array.from({ length: 90 }, () => finding('good', { detail: 'x'.repeat(90) }))
    expect(doctorView([...many, finding('bad')]).body.text).toMatch(
      /❌ a bad thing[^]*… and \d+ more: npm run doctor$/,
    )
  })
})

describe('findings', () => {
  it('keep their order among equals when the worst go first', () => {
    const list = [
      finding('good', { what: '1' }),
      finding('bad', { what: '2' }),
      finding('good', { what: '3' }),
    ]
    expect(worstFirst(list).map(({ what }) => what)).toEqual(['2', '1', '3'])
    expect([anyBad(list), anyBad([finding('doubtful')])]).toEqual([true, false])
  })
})
