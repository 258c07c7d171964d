import { existsSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { createPngRenderer } from '../../../src/ops/png-renderer.ts'
import { CHART_FONT, CHART_HEIGHT, CHART_WIDTH, yieldChart } from '../../../src/views/pools/yield-chart.ts'

const errors: unknown[] = []
const renderer = createPngRenderer({
  onError: (error) => {
    errors.push(error)
  },
})
afterAll(() => renderer.stop())

interface Area {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

async function draw(svg: string): Promise<Buffer> {
  const png = await renderer.render(svg)
  if (png === null) throw new Error(`not drawn: ${String(errors.at(-1))}`)
  return png
}

/** How many pixels of the area are dark. */
async function inkIn(png: Buffer, area: Area): Promise<number> {
  // Not before the renderer has said where the fonts are.
  const { default: sharp } = await import('sharp')
  const pixels = await sharp(png).extract(area).greyscale().raw().toBuffer()
  return pixels.filter((pixel) => pixel < 128).length
}

const LINE = { left: 0, top: 0, width: 800, height: 100 }

async function inkOf(text: string, attributes = ''): Promise<number> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="800" height="100"><text x="20" y="70" font-family="${CHART_FONT}" font-size="60" ${attributes}>${text}</text></svg>`
  return await inkIn(await draw(svg), LINE)
}

function chart(title: string): string {
  const points = Array.from({ length: 48 }, (_, index) => ({
    atMs: Date.UTC(2026, 10, 21) + index * 3_600_000,
    yieldPerYear: 0.05 + 0.01 * Math.sin(index / 5),
  }))
  return yieldChart({ title, subtitle: 'Lending yield per year', points, line: 0.045 }) ?? ''
}

describe('a picture of a yield', () => {
  it('has the size it was made for, and text where there should be text', async () => {
    const png = await draw(chart('USDC · Morpho'))
    const { default: sharp } = await import('sharp')
    expect(await sharp(png).metadata()).toMatchObject({
      format: 'png',
      width: CHART_WIDTH,
      height: CHART_HEIGHT,
    })
    const title = { left: 50, top: 45, width: 600, height: 50 }
    const numbers = { left: 30, top: 190, width: 88, height: 440 }
    const footer = { left: 50, top: CHART_HEIGHT - 65, width: 600, height: 50 }
    for (const area of [title, numbers, footer]) expect(await inkIn(png, area)).toBeGreaterThan(500)
    expect(await inkIn(await draw(chart(' ')), title)).toBe(0)
  })

  it('has letters, not the boxes that a machine without fonts draws', async () => {
    const [ones, eights, wide] = [
      await inkOf('1111111111'),
      await inkOf('8888888888'),
      await inkOf('WWWWWWWWWW'),
    ]
    expect(eights / ones).toBeGreaterThan(1.2)
    expect(wide / ones).toBeGreaterThan(1.2)
    expect(await inkOf('ABC', 'font-weight="bold"')).toBeGreaterThan((await inkOf('ABC')) * 1.2)
  })

  it('knows no fonts but its own, so that text is the same on every machine', async () => {
    const other = await draw(chart('USDC').replaceAll(CHART_FONT, 'Some Font That Nobody Has'))
    expect(other.equals(await draw(chart('USDC')))).toBe(true)
  })

  it('is the same each time', async () => {
    const pictures = await Promise.all([draw(chart('USDC')), draw(chart('USDC'))])
    expect(pictures[0].equals(pictures[1])).toBe(true)
  })

  it('is missing, and the reason told, when it cannot be drawn', async () => {
    const before = errors.length
    expect(await renderer.render('<svg><g></svg>')).toBeNull()
    expect(errors.length).toBe(before + 1)
    expect(await renderer.render(' '.repeat(600_000))).toBeNull()
    await expect(draw(chart('USDC'))).resolves.toBeInstanceOf(Buffer)
  })

  it('leaves no files behind when the renderer stops', async () => {
    const conf = process.env['FONTCONFIG_FILE'] ?? ''
    expect(existsSync(conf)).toBe(true)
    await renderer.stop()
    expect(existsSync(conf)).toBe(false)
  })
})
