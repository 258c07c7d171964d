import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type sharpFunction from 'sharp'

export interface PngRenderer {
  /** The picture, or `null` when it could not be drawn: then the numbers go out as text alone. One at a time. */
  render(svg: string): Promise<Buffer | null>
  stop(): Promise<void>
}

interface PngRendererDeps {
  /** A picture failed: never a reason to hold back a message. */
  readonly onError: (error: unknown) => void
}

type Sharp = typeof sharpFunction

/** All that can be drawn with. Without the bold file bold text would silently be regular. */
const FONTS = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf']
/** A chart has about 20 kB. */
const MAX_SVG = 512 * 1024

/**
 * Draws SVG with the fonts of our own package and no others, so that text looks the same everywhere. Without fonts libvips
 * draws boxes and reports nothing. Nothing is loaded before the first picture.
 */
export function createPngRenderer({ onError }: PngRendererDeps): PngRenderer {
  let folder: string | undefined
  let loading: Promise<Sharp> | undefined
  let last: Promise<unknown> = Promise.resolve()

  async function load(): Promise<Sharp> {
    folder = await mkdtemp(join(tmpdir(), 'buoy-fonts-'))
    for (const font of FONTS) await copyFile(join(fontFolder(), font), join(folder, font))
    const file = join(folder, 'fonts.conf')
    await writeFile(file, fontsConf(folder))
    // Read once by the library, when it is loaded.
    process.env['FONTCONFIG_FILE'] = file
    const { default: sharp } = await import('sharp')
    // Pictures are rare: neither memory nor both cores are theirs.
    sharp.cache(false)
    sharp.concurrency(1)
    return sharp
  }

  async function clear(): Promise<void> {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
    folder = undefined
  }

  async function draw(svg: string): Promise<Buffer | null> {
    if (svg.length > MAX_SVG) return null
    try {
      loading ??= load().catch(async (error: unknown) => {
        loading = undefined
        await clear()
        throw error
      })
      const sharp = await loading
      return await sharp(Buffer.from(svg)).flatten({ background: '#ffffff' }).png().toBuffer()
    } catch (error) {
      onError(error)
      return null
    }
  }

  return {
    render(svg) {
      const next = last.then(() => draw(svg))
      last = next
      return next
    },
    async stop() {
      await last
      await clear()
    },
  }
}

function fontFolder(): string {
  const manifest = createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')
  return join(dirname(manifest), 'ttf')
}

function fontsConf(folder: string): string {
  const path = folder.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${path}</dir><cachedir>${path}/cache</cachedir></fontconfig>
`
}
