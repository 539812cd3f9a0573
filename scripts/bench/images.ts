import { execFile } from 'node:child_process'
import { openAsBlob } from 'node:fs'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { z } from 'zod'
import { waitUntil } from '../../core/db/embedded/wait-until.ts'
import { table } from '../docs/table.ts'
import { type BenchHouse, openHouse } from './house.ts'
import { median } from './median.ts'
import { treeCpuSeconds } from './process-tree.ts'
import { writeTexture } from './texture.ts'
import type { Wishes } from './wishes.ts'

const timesSchema = z.object({ wall: z.number(), cpu: z.number() })
const bare = fileURLToPath(new URL('bare-sharp.ts', import.meta.url))

type Run = { wall: number; cpu: number; beside: number }

/** Pictures per second through the whole house, against a bare loop over sharp with the same outputs, in turn. */
export async function benchImages(folder: string, { quick, stop }: Wishes): Promise<void> {
  const [count, rounds] = quick ? [4, 1] : [8, 3]
  const photos = `${folder}/photos`
  await makePhotos({ photos, count })
  await using house = await openHouse({ folder, stop })
  const runs = [
    { name: 'the whole house', once: () => timeHouse({ house, photos, stop }), took: [] as Run[] },
    { name: 'a bare sharp loop', once: () => timeBare({ photos, out: `${folder}/bare` }), took: [] as Run[] },
  ]
  // The first start of everything is nobody's measurement.
  for (const run of runs) await run.once()
  for (let round = 0; round < rounds; round++) for (const run of runs) run.took.push(await run.once())

  const of = (took: Run[], what: keyof Run) => median(took.map((run) => run[what]))
  const [ours = [], theirs = []] = runs.map(({ took }) => took)
  const files = (await readdir(`${folder}/bare`, { recursive: true })).filter((name) => name.includes('/')).length
  console.log(`${count} JPEG photos of 12 megapixels to ${files / count} files each; medians of ${rounds}, in turn\n`)
  const rows = runs.map(({ name, took }) => [
    ...[name, `${(count / of(took, 'wall')).toFixed(2)}/s`, `${(of(took, 'cpu') / count).toFixed(2)} s`],
    took.map(({ wall }) => wall.toFixed(1)).join(' '),
  ])
  console.log(table({ head: ['', 'pictures', 'CPU a picture', 'seconds of each round'], rows }))
  const ratio = (what: keyof Run) => (of(theirs, what) / of(ours, what)).toFixed(2)
  console.log(`\nBeside the worker, API and Postgres: ${(of(ours, 'beside') / count).toFixed(2)} s of CPU a picture.`)
  console.log(
    `Pictures a second, ours ÷ bare: ${ratio('wall')}; pictures a second of the worker’s CPU: ${ratio('cpu')}`,
  )
}

async function makePhotos({ photos, count }: { photos: string; count: number }): Promise<void> {
  await mkdir(photos)
  const texture = `${photos}/texture.png`
  await writeTexture({ file: texture, seed: 7, width: 4000, height: 3000 })
  // As bytes: the workers' rules, which hold in this process too, let no picture be opened by its path.
  const pixels = await sharp(await readFile(texture))
    .raw()
    .toBuffer()
  for (let n = 0; n < count; n++) {
    const photo = sharp(pixels, { raw: { width: 4000, height: 3000, channels: 3 } })
    // Each its own: another part of the spectrum, every second one upside down.
    const varied = photo.modulate({ hue: (n * 360) / count }).flip(n % 2 === 1)
    await varied.jpeg({ quality: 90 }).toFile(`${photos}/${n}.jpg`)
  }
  await rm(texture)
}

/** From the first byte sent until the last picture is ready; `cpu` is the worker's, `beside` that of API and Postgres. All are sent at once, as from many people. */
async function timeHouse({ house, photos, stop }: { house: BenchHouse; photos: string; stop: AbortSignal }) {
  const { api, postgres, workers } = house.pids
  const used = (pids: number[]) => pids.reduce((sum, pid) => sum + treeCpuSeconds(pid), 0)
  const [startedAt, cpu, beside] = [performance.now(), used(workers), used([api, postgres])]
  const sent = await Promise.all(
    (await readdir(photos)).map(async (name) =>
      house.client.uploadFile(await openAsBlob(path.join(photos, name)), { filename: name }),
    ),
  )
  const waiting = new Set(sent.map(({ id }) => id))
  await waitUntil({
    what: 'the pictures',
    timeoutMs: 600_000,
    // Asking costs the house something, too.
    everyMs: 500,
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
  const run = {
    wall: (performance.now() - startedAt) / 1000,
    cpu: used(workers) - cpu,
    beside: used([api, postgres]) - beside,
  }
  for (const { id } of sent) await fetch(`${house.url}/v1/assets/${id}`, { method: 'DELETE' })
  return run
}

/** A process of its own with sharp as it comes; its start is not counted. */
async function timeBare({ photos, out }: { photos: string; out: string }): Promise<Run> {
  await rm(out, { recursive: true, force: true })
  const { stdout } = await promisify(execFile)(process.execPath, [bare, photos, out])
  return { ...timesSchema.parse(JSON.parse(stdout)), beside: 0 }
}
