import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createMatrixBed, type MatrixBed, type MatrixTest } from './matrix-bed.ts'
import { expectOneStory, listedAs, type Seen, verdictOf } from './matrix-kit.ts'
import { type Situation, STAGE_NAMES, type StageName } from './matrix-stages.ts'

let bed: MatrixBed
let test: MatrixTest

beforeAll(async () => {
  bed = await createMatrixBed()
})
afterAll(() => bed.stop())
beforeEach(async () => {
  test = await bed.begin()
})
afterEach(async () => {
  const bugs = [...test.bugs]
  await test.stop()
  expect(bugs).toEqual([])
})

interface Cell {
  readonly stage: StageName
  readonly situation: Situation
  readonly oracleDown: boolean
  /** What is read, and whether discovery lists it. */
  readonly expected: readonly [verdict: string, listed: string]
}

function named(cell: Cell): [string, Cell] {
  const { stage, situation, oracleDown, expected } = cell
  const what = oracleDown ? `${situation}, oracle down` : situation
  return [`${stage}: ${what} -> ${expected.join(', ')}`, cell]
}

/** The same for every protocol. */
function everywhere(cells: Partial<Record<Situation, Cell['expected']>>, oracleDown = false) {
  return Object.entries(cells).flatMap(([situation, expected]) =>
    STAGE_NAMES.map((stage) => named({ stage, situation: situation as Situation, oracleDown, expected })),
  )
}

/** Where the protocols differ. */
function each(
  what: { situation: Situation; oracleDown?: boolean },
  expected: Partial<Record<StageName, Cell['expected']>>,
) {
  const { situation, oracleDown = false } = what
  return STAGE_NAMES.flatMap((stage) => {
    const said = expected[stage]
    return said ? [named({ stage, situation, oracleDown, expected: said })] : []
  })
}

async function lookAt({
  stage,
  situation,
  oracleDown,
}: Omit<Cell, 'expected'>): Promise<Seen & { told: readonly string[] }> {
  const { strategy, open, failOracle } = test.stage(stage)
  const ref = await open(situation)
  if (oracleDown) await failOracle()
  const seen = await test.look(strategy, ref)
  return { ...seen, told: [verdictOf(seen.reading), listedAs(seen, ref)] }
}

describe('a position in every situation', () => {
  it.each([
    ...everywhere({
      healthy: ['healthy', 'listed'],
      warning: ['warning', 'listed'],
      liquidatable: ['liquidatable', 'listed'],
      'no debt': ['no debt', 'listed'],
      dust: ['warning', 'listed'],
      nothing: ['none', 'not listed'],
    }),
    ...each(
      { situation: 'the smallest dust' },
      {
        // The pool's own word: it rounds such a debt down to nothing.
        'Neverland on real Aave': ['no debt', 'listed'],
        'Morpho on real Morpho': ['healthy', 'listed'],
        'Euler double': ['liquidatable', 'listed'],
        'Curvance double': ['liquidatable', 'listed'],
        'Curvance double without its reader': ['liquidatable', 'listed'],
      },
    ),
    ...each(
      { situation: 'debt without collateral' },
      {
        'Neverland on real Aave': ['liquidatable', 'listed'],
        // Cannot be: the liquidation that takes the last collateral makes the lenders pay the rest.
        'Morpho on real Morpho': ['none', 'not listed'],
        'Euler double': ['liquidatable', 'listed'],
        'Curvance double': ['liquidatable', 'listed'],
        'Curvance double without its reader': ['liquidatable', 'listed'],
      },
    ),
  ])('%s', async (_, cell) => {
    const seen = await lookAt(cell)
    expect(seen.told).toEqual(cell.expected)
    expectOneStory(seen)
  })
})

describe('a position whose oracle is down', () => {
  const unknown = 'unknown(oracle)'
  it.each([
    ...(['healthy', 'liquidatable', 'dust'] as const).flatMap((situation) =>
      each(
        { situation, oracleDown: true },
        {
          // Whether an account holds anything is only known from what it is worth.
          'Neverland on real Aave': [unknown, 'not listed, maybe not all'],
          'Morpho on real Morpho': [unknown, 'listed'],
          'Euler double': [unknown, 'listed'],
          'Curvance double': [unknown, 'listed'],
          'Curvance double without its reader': [unknown, 'listed'],
        },
      ),
    ),
    ...each(
      { situation: 'no debt', oracleDown: true },
      {
        'Neverland on real Aave': [unknown, 'not listed, maybe not all'],
        'Euler double': [unknown, 'listed'],
        'Curvance double': [unknown, 'listed'],
        'Curvance double without its reader': [unknown, 'listed'],
      },
    ),
    ...everywhere({ nothing: ['none', 'not listed'] }, true),
  ])('%s', async (_, cell) => {
    const seen = await lookAt(cell)
    expect(seen.told).toEqual(cell.expected)
    expectOneStory(seen)
  })
  it('Morpho on real Morpho: no debt, oracle down -> no debt, counted in its own token, but not taken apart', async () => {
    const seen = await lookAt({ stage: 'Morpho on real Morpho', situation: 'no debt', oracleDown: true })
    expect(seen.told).toEqual(['no debt', 'listed'])
    expect(seen.reading).toMatchObject({ unit: 'other:WMON' })
    // Its worth in the loan token is not known.
    for (const answer of [seen.inspection, seen.rescue]) expect(verdictOf(answer)).toBe(unknown)
  })
})
