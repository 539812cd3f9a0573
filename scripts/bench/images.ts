import { execFile } from 'node:child_process'
import { openAsBlob } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { waitUntil } from '../../core/db/embedded/wait-until.ts'
import { table } from '../docs/table.ts'
import { type BenchHouse, openHouse } from './house.ts'
import { median } from './median.ts'
import { writeTexture } from './texture.ts'
import type { Wishes } from './wishes.ts'

const bare = fileURLToPath(new URL('bare-sharp.ts', import.meta.url))

/** Pictures per second through the whole house, against a bare loop over sharp with the same outputs, in turn. */
export async function benchImages(folder: string, { quick, stop }: Wishes): Promise<void> {
  const [count, rounds] = quick ? [4, 1] : [12, 5]
  const photos = `${folder}/photos`
  await makePhotos({ photos, count })
  await using house = await openHouse({ folder, stop })
  const runs = [
    { name: 'the whole house', once: () => timeHouse({ house, photos, stop }), took: [] as number[] },
    { name: 'a bare sharp loop', once: () => timeBare({ photos, out: `${folder}/bare` }), took: [] as number[] },
  ]
  // The first start of everything is nobody's measurement.
  for (const run of runs) await run.once()
  for (let round = 0; round < rounds; round++) for (const run of runs) run.took.push(count / (await run.once()))

  const [ours = Number.NaN, theirs = Number.NaN] = runs.map(({ took }) => median(took))
  const files = (await readdir(`${folder}/bare`, { recursive: true })).filter((name) => name.includes('/')).length
  console.log(`${count} JPEG photos of 12 megapixels to ${files / count} files each; medians of ${rounds}, in turn\n`)
  const rows = runs.map(({ name, took }) => [
    name,
    `${median(took).toFixed(2)}/s`,
    took.map((rate) => rate.toFixed(2)).join(' '),
  ])
  console.log(table({ head: ['', 'pictures', 'each round'], rows }))
  console.log(`\nours ÷ bare: ${(ours / theirs).toFixed(2)}`)
}

async function makePhotos({ photos, count }: { photos: string; count: number }): Promise<void> {
  await mkdir(photos)
  const texture = `${photos}/texture.png`
  await writeTexture({ file: texture, seed: 7, width: 4000, height: 3000 })
  const pixels = await sharp(texture).raw().toBuffer()
  for (let n = 0; n < count; n++) {
    const photo = sharp(pixels, { raw: { width: 4000, height: 3000, channels: 3 } })
    // Each its own: another part of the spectrum, every second one upside down.
    const varied = photo.modulate({ hue: (n * 360) / count }).flip(n % 2 === 1)
    await varied.jpeg({ quality: 90 }).toFile(`${photos}/${n}.jpg`)
  }
  await rm(texture)
}

/** Seconds from the first byte sent until the last picture is ready. All are sent at once, as from many people. */
async function timeHouse({ house, photos, stop }: { house: BenchHouse; photos: string; stop: AbortSignal }) {
  const startedAt = performance.now()
  const sent = await Promise.all(
    (await readdir(photos)).map(async (name) =>
      house.client.uploadFile(await openAsBlob(path.join(photos, name)), { filename: name }),
    ),
  )
  const waiting = new Set(sent.map(({ id }) => id))
  await waitUntil({
    what: 'the pictures',
    timeoutMs: 600_000,
    signal: stop,
    ask: async () => {
      const { data } = await house.client.assets({ limit: 100 })
      for (const { id, status, error } of data) {
        if (status === 'failed') throw new Error(`a picture failed: ${error?.code}`)
        if (status === 'ready') waiting.delete(id)
      }
      return waiting.size === 0 || undefined
    },
  })
  const seconds = (performance.now() - startedAt) / 1000
  for (const { id } of sent) await fetch(`${house.url}/v1/assets/${id}`, { method: 'DELETE' })
  return seconds
}

/** A process of its own with sharp as it comes; its start is not counted. */
async function timeBare({ photos, out }: { photos: string; out: string }): Promise<number> {
  await rm(out, { recursive: true, force: true })
  const { stdout } = await promisify(execFile)(process.execPath, [bare, photos, out])
  return Number(stdout) / 1000
}
