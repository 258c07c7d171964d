import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const HERE = import.meta.dirname
const LIST = join(HERE, '../../docs/faults.md')
const COUNT = 45

interface Line {
  readonly number: string
  readonly files: readonly string[]
}

function lines(): Line[] {
  return readFileSync(LIST, 'utf8')
    .split('\n')
    .filter((line) => /^\| F\d+ /.test(line))
    .map((line) => {
      const [, number = '', , , place = ''] = line.split('|').map((cell) => cell.trim())
      const files = [...place.matchAll(/\.\.\/test\/faults\/([\w-]+\.test\.ts)/g)].map(
        ([, file]) => file ?? '',
      )
      return { number, files }
    })
}

/** The source of a test file. */
function sourceOf(file: string): string {
  return readFileSync(join(HERE, file), 'utf8')
}

describe('the list of faults', () => {
  it(`has all ${COUNT} numbers in order`, () => {
    expect(lines().map(({ number }) => number)).toEqual(
      Array.from({ length: COUNT }, (_, index) => `F${index + 1}`),
    )
  })

  it('names, for every number, files in which a test has it at the beginning of its name', () => {
    for (const { number, files } of lines()) {
      expect(files.length, number).toBeGreaterThan(0)
      for (const file of files)
        expect(sourceOf(file), `${number} in ${file}`).toMatch(new RegExp(`['"\`]${number} `))
    }
  })

  it('leaves no test out, neither of the list nor of a run', () => {
    const files = readdirSync(HERE).filter((file) => file.endsWith('.test.ts') && file !== 'list.test.ts')
    const listed = new Set(lines().flatMap((line) => line.files))
    expect(files.filter((file) => !listed.has(file))).toEqual([])
    for (const file of files) expect(sourceOf(file)).not.toMatch(/\.(skip|only|todo|fails|skipIf|runIf)\b/)
  })
})
