import { execFile } from 'node:child_process'
import { openAsBlob } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import sharp from 'sharp'
import type { Asset } from '../../client/index.ts'
import { hugePng } from '../../fixtures/images.ts'
import { findTools } from '../../workers/edges/tools.ts'
import { table } from '../docs/table.ts'
import { type BenchHouse, openHouse } from './house.ts'
import { waits } from './send.ts'
import type { Wishes } from './wishes.ts'

const run = promisify(execFile)
const end = (asset: Asset) => asset.status === 'ready' || asset.status === 'failed'

/** How often what is alone and what is beside it take turns: hardware that others share is not as fast at all times. */
const fewTurns = 4
/** With `--full`. In few turns p99 is the third slowest of twenty clips, which is a matter of luck. */
const manyTurns = 12

/** What other people's pictures and clips lose while one hostile file is worked on, one after the other, in turn with nothing beside them. */
export async function benchHostile(folder: string, { quick, full, only, stop }: Wishes): Promise<void> {
  const files = `${folder}/files`
  await mkdir(files)
  const bombs = await makeBombs({ files, seconds: quick ? 30 : 120 })
  const stream = await makeStream(files)
  const [count, everyMs] = quick ? [6, 700] : [50, 600]
  const turns = full ? manyTurns : fewTurns
  await using house = await openHouse({ folder, stop })
  const flow = { house, stream, count, everyMs, stop }
  // The first start of everything is nobody's measurement.
  await send({ ...flow, count: 4 })
  const rows: string[][] = []
  for (const { name, file } of bombs.filter(({ name }) => name.match(only))) {
    const { alone, beside, became } = await compare({ ...flow, turns, bomb: file })
    const [a, b] = [p99(alone), p99(beside)]
    const s = (value: number) => `${value.toFixed(2)} s`
    rows.push([name, became, s(middle(alone)), s(middle(beside)), s(a), s(b), (b / a).toFixed(2)])
  }
  const head = ['beside', 'became of it', 'median alone', 'beside it', 'p99 alone', 'beside it', 'p99, ratio']
  console.log(`${turns * count} pictures and clips, one each ${everyMs} ms; seconds from the last byte to ready\n`)
  console.log(table({ head, rows }))
}

async function compare({ bomb, turns, ...flow }: Flow & { bomb: string; turns: number }) {
  const alone: number[] = []
  const beside: number[] = []
  let became = ''
  for (let turn = 0; turn < turns; turn++) {
    alone.push(...(await send(flow)))
    const ending = new AbortController()
    const stop = AbortSignal.any([flow.stop, ending.signal])
    const hostile = keepUnderWay({ house: flow.house, file: bomb, stop })
    beside.push(...(await send(flow)))
    ending.abort()
    became = await hostile
  }
  return { alone, beside, became }
}

/** By rank: the smallest that so many are not above. */
const at = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? Number.NaN
const p99 = (values: readonly number[]) => at(values, 0.99)
const middle = (values: readonly number[]) => at(values, 0.5)

type Flow = { house: BenchHouse; stream: string[]; count: number; everyMs: number; stop: AbortSignal }

async function send({ house, stream, count, everyMs, stop }: Flow): Promise<number[]> {
  const sent = Array.from({ length: count }, async (_, n) => {
    await pause(n * everyMs, undefined, { signal: stop })
    const file = stream[n % stream.length] ?? ''
    const { id } = await house.client.uploadFile(await openAsBlob(file), { filename: file.split('/').at(-1) ?? '' })
    const asset = await until({ house, id, stop })
    if (asset.status !== 'ready') throw new Error(`${file} ${asset.status}: ${asset.error?.code}`)
    return waits(asset).ready ?? Number.NaN
  })
  return Promise.all(sent)
}

async function until({ house, id, stop }: { house: BenchHouse; id: string; stop: AbortSignal }): Promise<Asset> {
  for (;;) {
    const asset = await house.client.asset(id)
    if (end(asset)) return asset
    await pause(500, undefined, { signal: stop })
  }
}

/** The same file again whenever the last one has ended; at the end what is under way is cancelled. */
async function keepUnderWay({ house, file, stop }: { house: BenchHouse; file: string; stop: AbortSignal }) {
  let became = 'under way all the time'
  while (!stop.aborted) {
    const { id } = await house.client.uploadFile(await openAsBlob(file), { filename: file.split('/').at(-1) ?? '' })
    const asset = await until({ house, id, stop }).catch(() => undefined)
    if (asset) became = asset.error?.code ?? asset.status
    else await fetch(`${house.url}/v1/assets/${id}`, { method: 'DELETE' })
  }
  return became
}

async function makeBombs({ files, seconds }: { files: string; seconds: number }) {
  const { ffmpeg } = await findTools({ searchPath: process.env['PATH'] })
  const make = (...args: string[]) => run(ffmpeg, ['-nostdin', '-v', 'error', '-y', ...args])
  const [piece, bomb, many, deflate] = ['piece.mp4', 'bomb.mp4', 'many.mkv', 'deflate.png'].map(
    (name) => `${files}/${name}`,
  )
  if (!piece || !bomb || !many || !deflate) throw new Error('no names')
  const still = ['-f', 'lavfi', '-i', 'testsrc2=s=3840x2160:r=25:d=1']
  await make(...still, '-c:v', 'libsvtav1', '-preset', '12', '-crf', '63', '-pix_fmt', 'yuv420p', piece)
  await make('-stream_loop', String(seconds - 1), '-i', piece, '-c', 'copy', bomb)
  const sound = ['-f', 'lavfi', '-i', `sine=f=440:d=${seconds * 5}`]
  await make(...sound, ...Array.from({ length: 30 }, () => ['-map', '0:a']).flat(), '-c:a', 'aac', '-b:a', '32k', many)
  await writeFile(deflate, hugePng({ width: 7000, height: 7000 }))
  return [
    { name: 'a small AV1 file with minutes of 4K', file: bomb },
    { name: 'a PNG of 49 megapixels in a few kilobytes', file: deflate },
    { name: 'thirty sound tracks in one file', file: many },
  ]
}

/** Nine pictures to a clip. */
async function makeStream(files: string): Promise<string[]> {
  const pictures = await Promise.all(
    Array.from({ length: 9 }, async (_, n) => {
      const file = `${files}/picture-${n}.jpg`
      const noise = { type: 'gaussian' as const, mean: 90 + 10 * n, sigma: 20 }
      await sharp({ create: { width: 640, height: 480, channels: 3, background: '#000', noise } })
        .jpeg()
        .toFile(file)
      return file
    }),
  )
  const clip = `${files}/clip.mp4`
  const { ffmpeg } = await findTools({ searchPath: process.env['PATH'] })
  const source = ['-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=25:d=2', '-f', 'lavfi', '-i', 'sine=d=2']
  await run(ffmpeg, ['-nostdin', '-v', 'error', '-y', ...source, '-pix_fmt', 'yuv420p', clip])
  return [...pictures, clip]
}
