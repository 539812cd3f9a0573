import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { planImage } from '../../core/media/image-variants.ts'
import type { Render } from '../../core/media/renders.ts'

// A bare loop over sharp with the same outputs, as somebody who knows sharp would write it: one decode, already small; every output
// from those pixels, all at once; sharp's own settings. No checks, no placeholder, no rows. Prints the seconds it took.
// Run: node scripts/bench/bare-sharp.ts PHOTOS OUT
const [photos = '', out = ''] = process.argv.slice(2)

async function makeAll(bytes: Buffer, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const source = sharp(bytes)
  const { autoOrient } = await source.metadata()
  const { working, renders } = planImage({ facts: autoOrient })
  const { data, info } = await source.autoOrient().resize(working).raw().toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  const pixels = () => sharp(data, { raw: { width, height, channels } })
  await Promise.all(
    renders.map(async (render) => {
      const name = render.file.replaceAll('/', '-')
      await writeFile(path.join(folder, name), await fitting(render, pixels))
    }),
  )
}

/** The file, at less quality where it has more bytes than it may. */
async function fitting(render: Render, pixels: () => Sharp): Promise<Buffer> {
  for (let quality = render.quality; ; quality -= 8) {
    const bytes = await encoded(resized(pixels(), render), { ...render, quality }).toBuffer()
    if (bytes.length <= (render.maxBytes ?? Number.POSITIVE_INFINITY) || quality < 20) return bytes
  }
}

const resized = (image: Sharp, { width, height, fit }: Render) =>
  fit === 'cover'
    ? image.resize({ width, height, fit, position: sharp.strategy.attention })
    : image.resize({ width, height, fit: 'fill' })

function encoded(image: Sharp, { format, quality, effort = 2 }: Render): Sharp {
  if (format === 'jpeg') return image.jpeg({ quality, progressive: true })
  return format === 'webp'
    ? image.webp({ quality, effort })
    : image.avif({ quality, effort, chromaSubsampling: '4:2:0' })
}

const files = await readdir(photos)
const [startedAt, cpuBefore] = [performance.now(), process.cpuUsage()]
for (const file of files) await makeAll(await readFile(path.join(photos, file)), path.join(out, file))
const { user, system } = process.cpuUsage(cpuBefore)
const times = { wall: (performance.now() - startedAt) / 1000, cpu: (user + system) / 1e6 }
process.stdout.write(JSON.stringify(times))
