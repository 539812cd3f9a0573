import { execFile } from 'node:child_process'
import { readdir, readFile, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import HLS from 'hls-parser'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { defaultProfile } from '../../core/media/built-in-profiles.ts'
import type { Track } from '../../core/media/hls-facts.ts'
import { playlistFiles } from '../../core/media/playlists.ts'
import type { Profile } from '../../core/media/profile.ts'
import { toNumber } from '../../core/media/rational.ts'
import { baseOf } from '../../core/media/video-plan.ts'
import type { ClipName } from '../../fixtures/clips.ts'
import { makeClip } from '../../fixtures/make.ts'
import { ledgerInMemory, openVideoBench, type Produced, putInto } from '../../fixtures/video-bench.ts'
import { verifyHls } from '../publish/verify-hls.ts'
import type { PutFile } from '../task.ts'
import { encodeChunk } from './encode-chunk.ts'

const run = promisify(execFile)
let bench: Awaited<ReturnType<typeof openVideoBench>>
beforeAll(async () => {
  bench = await openVideoBench()
  HLS.setOptions({ strictMode: true })
})
afterAll(() => bench.close())

const clip = (name: ClipName) => makeClip({ name, folder: bench.root })
/** Short pieces and fast settings: the rules are the same, the waiting is not. */
const brisk: Profile = defaultProfile.video
  ? { ...defaultProfile, video: { ...defaultProfile.video, preset: 'ultrafast', crf: 16, chunkSeconds: 8 } }
  : defaultProfile

type Packet = { pts: number; key: boolean; pos: number; duration: number }

/** A rendition as a player sees it: init and segments, one after the other. */
async function joined({ produced, name }: { produced: Produced; name: string }) {
  const folder = path.join(produced.folder, 'hls', name)
  const list = HLS.parse(await readFile(path.join(folder, 'playlist.m3u8'), 'utf8'))
  if (list.isMasterPlaylist) throw new Error('a media playlist was expected')
  const init = await readFile(path.join(folder, list.segments[0]?.map?.uri ?? ''))
  const parts = await Promise.all(list.segments.map(({ uri }) => readFile(path.join(folder, uri))))
  const file = path.join(produced.folder, `${name}.mp4`)
  await writeFile(file, Buffer.concat([init, ...parts]))
  let at = init.length
  const starts = parts.map((part) => {
    at += part.length
    return at - part.length
  })
  return { file, starts, packets: await packetsOf(file) }
}

async function packetsOf(file: string): Promise<Packet[]> {
  const { stdout } = await run('ffprobe', [
    '-v',
    'error',
    '-show_entries',
    'packet=pts_time,duration_time,pos,flags',
    '-of',
    'json',
    file,
  ])
  const { packets }: { packets: Record<'pts_time' | 'duration_time' | 'pos' | 'flags', string>[] } = JSON.parse(stdout)
  return packets.map(({ pts_time, duration_time, pos, flags }) => {
    return { pts: Number(pts_time), duration: Number(duration_time), pos: Number(pos), key: flags.startsWith('K') }
  })
}

async function expectWhole(produced: Produced) {
  const { plan } = produced
  verifyHls(produced)
  const frame = 1 / toNumber(plan.fps)
  for (const { name } of plan.renditions) {
    const { file, starts, packets } = await joined({ produced, name })
    expect(packets, name).toHaveLength(plan.grid.frames)
    const times = packets.map(({ pts }) => pts).sort((a, b) => a - b)
    for (const [n, pts] of times.entries()) expect(Math.abs(pts - baseOf(plan) - n * frame)).toBeLessThan(0.001)
    const firsts = starts.map((start) => packets.find(({ pos }) => pos >= start))
    expect(firsts.every((packet) => packet?.key)).toBe(true)
    expect((await run('ffmpeg', ['-v', 'error', '-xerror', '-i', file, '-f', 'null', '-'])).stderr).toBe('')
  }
  for (const { name } of plan.audio) {
    const { file, packets } = await joined({ produced, name })
    expect(Math.abs((packets[0]?.pts ?? 0) - baseOf(plan))).toBeLessThan(0.03)
    expect((packets.at(-1)?.pts ?? 0) + 0.03).toBeGreaterThan(baseOf(plan) + plan.duration)
    expect((await run('ffmpeg', ['-v', 'error', '-xerror', '-i', file, '-f', 'null', '-'])).stderr).toBe('')
  }
  expect(HLS.parse(await readFile(produced.master, 'utf8')).isMasterPlaylist).toBe(true)
}

const clips = [
  ['ntsc', '640x360 426x240'],
  ['variable', '320x180'],
  ['odd', '426x240'],
  ['interlaced', '320x180'],
  ['transport', '320x180'],
] as const
// The corpus of test/formats.test.ts has their like; `TESTS=all` takes them here too.
const more = [
  ['tone5s', '640x360 426x240'],
  ['silent5s', '320x180'],
  ['portrait', '360x640 240x426'],
  ['anamorphic', '426x180'],
  ['recorder', '320x240'],
] as const

test.each(process.env['TESTS'] === 'all' ? [...clips, ...more] : clips)(
  '%s plays: every frame once, segments start on keyframes, one unbroken timeline',
  async (name, sizes) => {
    const produced = await bench.produce({ source: await clip(name), profile: brisk })
    expect(produced.plan.renditions.map(({ width, height }) => `${width}x${height}`).join(' ')).toBe(sizes)
    await expectWhole(produced)
  },
)

/** The picture of every frame, small and grey, so that two versions of one video can be compared. */
async function thumbprints(file: string): Promise<Buffer[]> {
  const size = 64 * 36
  const args = [
    '-v',
    'error',
    '-i',
    file,
    '-map',
    '0:v:0',
    '-vf',
    'scale=64:36',
    '-fps_mode',
    'passthrough',
    '-pix_fmt',
    'gray',
    '-f',
    'rawvideo',
    '-',
  ]
  const { stdout } = await run('ffmpeg', args, { encoding: 'buffer', maxBuffer: 2 ** 27 })
  return Array.from({ length: stdout.length / size }, (_, n) => stdout.subarray(n * size, (n + 1) * size))
}
const distance = (a: Buffer, b: Buffer | undefined) =>
  b ? a.reduce((sum, value, n) => sum + Math.abs(value - (b[n] ?? 0)), 0) / a.length : Number.POSITIVE_INFINITY

test('three chunks made apart are the source, picture by picture', async () => {
  const source = await clip('chunks')
  const produced = await bench.produce({ source, profile: brisk })
  expect(produced.plan.grid.chunks).toHaveLength(3)
  await expectWhole(produced)
  const { file } = await joined({ produced, name: produced.plan.renditions[0]?.name ?? '' })
  const [wanted, made] = [await thumbprints(source), await thumbprints(file)]
  expect(made).toHaveLength(wanted.length)
  for (const [n, picture] of made.entries()) {
    const here = distance(picture, wanted[n])
    expect(here, `frame ${n}`).toBeLessThan(
      Math.min(distance(picture, wanted[n - 1]), distance(picture, wanted[n + 1])),
    )
  }
})

test('sound that begins after two seconds begins after two seconds', async () => {
  const produced = await bench.produce({ source: await clip('lateSound'), profile: brisk })
  await expectWhole(produced)
  const { file } = await joined({ produced, name: 'audio-1' })
  const { stderr } = await run('ffmpeg', [
    '-hide_banner',
    '-i',
    file,
    '-af',
    'silencedetect=n=-40dB:d=0.5',
    '-f',
    'null',
    '-',
  ])
  // Older ffmpeg shows the file's own times, newer ones count from its beginning: the distance between the two is the same.
  const [starts, ends] = ['start', 'end'].map((word) =>
    [...stderr.matchAll(new RegExp(`silence_${word}: ([\\d.]+)`, 'g'))].map(([, at]) => Number(at)),
  )
  expect((ends?.[0] ?? 0) - (starts?.[0] ?? 0)).toBeCloseTo(2, 1)
  expect((starts?.[1] ?? 0) - (ends?.[0] ?? 0)).toBeCloseTo(2, 1)
})

test('nothing is left in the scratch folder but what ffmpeg keeps for itself', async () => {
  const produced = await bench.produce({ source: await clip('silent5s'), profile: brisk })
  const [chunk] = produced.plan.grid.chunks
  if (!chunk) throw new Error('a chunk was planned')
  const desk = await bench.bench()
  const put = putInto(path.join(bench.root, 'again'))
  const common = {
    plan: produced.plan,
    chunk,
    sourcePath: await clip('silent5s'),
    tools: bench.tools,
    bench: desk,
    put,
    ledger: ledgerInMemory(),
  }
  await encodeChunk({ ...common, attempt: 7 })
  const keys = common.ledger.tracks[0]?.segments.map(({ key }) => key)
  expect(keys).toEqual(['hls/180p/0-7-0.m4s', 'hls/180p/0-7-1.m4s'])
  expect((await readdir(path.join(desk.scratch, '180p'))).sort()).toEqual(['init.mp4', 'local.m3u8'])
})

test('a run that may no longer write puts nothing, and stops', async () => {
  const source = await clip('tone5s')
  const { plan } = await bench.produce({ source, profile: brisk })
  const [chunk] = plan.grid.chunks
  if (!chunk) throw new Error('a chunk was planned')
  const lost = new Error('somebody else has it')
  const desk = {
    ...(await bench.bench()),
    guard: () => {
      throw lost
    },
  }
  const ledger = ledgerInMemory()
  const keys: string[] = []
  const put = async (key: string) => {
    keys.push(key)
    return { key, bytes: 0, sha256: '' }
  }
  await expect(
    encodeChunk({ plan, chunk, attempt: 1, sourcePath: source, tools: bench.tools, bench: desk, put, ledger }),
  ).rejects.toBe(lost)
  expect(keys).toEqual([])
  expect(ledger.tracks).toEqual([])
})

test('a piece that is tried again goes on behind what its last run left, and joins it', async () => {
  const source = await clip('chunks')
  const produced = await bench.produce({ source, profile: brisk })
  const { plan } = produced
  const chunk = plan.grid.chunks[1]
  if (!chunk) throw new Error('a second chunk was planned')
  const later = chunk.firstSegment + 1
  // The first run got as far as the second segment, in one rendition only.
  const left = produced.tracks.map((track, n) => ({
    ...track,
    segments: track.segments.filter(({ number }) => number < later || number > later || n === 0),
  }))
  const ledger = ledgerInMemory(
    left.map((track) => ({ ...track, segments: track.segments.filter(({ number }) => number <= later) })),
  )
  const keys: string[] = []
  const put: PutFile = async (key, file) => {
    keys.push(key)
    return putInto(produced.folder)(key, file)
  }
  const common = { plan, chunk, sourcePath: source, tools: bench.tools, put, ledger }
  await encodeChunk({ ...common, attempt: 2, bench: await bench.bench() })
  const names = plan.renditions.map(({ name }) => name)
  const wanted = names.flatMap((name, n) =>
    Array.from({ length: chunk.segments - 1 }, (_, k) => later + k)
      .filter((number) => n > 0 || number > later)
      .map((number) => `hls/${name}/1-2-${number}.m4s`),
  )
  expect(keys.toSorted()).toEqual(wanted.toSorted())
  const again = { ...produced, tracks: produced.tracks.map((track) => merged(track, ledger.tracks)) }
  for (const { key, text } of playlistFiles({ ...again, state: 'vod' })) {
    await writeFile(path.join(produced.folder, key), text)
  }
  await expectWhole(again)
})

/** A track as it is with what a later run made in place of its own. */
function merged(track: Track, tracks: Track[]): Track {
  const made = tracks.find(({ name }) => name === track.name)?.segments ?? []
  return { ...track, segments: track.segments.map((one) => made.find(({ number }) => number === one.number) ?? one) }
}

/** The first half of a clip with its index in front, which speaks of the whole. */
async function firstHalf(name: string) {
  const file = path.join(bench.root, name)
  await run('ffmpeg', ['-v', 'error', '-y', '-i', await clip('chunks'), '-c', 'copy', '-movflags', '+faststart', file])
  await truncate(file, Math.floor((await readFile(file)).length / 2))
  return file
}

test('a file that breaks off is made as far as it goes', async () => {
  const produced = await bench.produce({ source: await firstHalf('cut.mp4'), profile: brisk })
  expect(produced.plan.grid.frames / 504).toBeCloseTo(0.5, 1)
  await expectWhole(produced)
})

test('a file whose index speaks of what is not there is damaged, and not tried again', async () => {
  const file = await firstHalf('lie.mp4')
  const bytes = await readFile(file)
  const mdat = bytes.indexOf('mdat') - 4
  // As if nothing were missing: only decoding finds out.
  bytes.writeUInt32BE(bytes.length - mdat, mdat)
  await writeFile(file, bytes)
  const damaged = { code: 'corrupt_media', fate: 'give_up' }
  await expect(bench.produce({ source: file, profile: brisk })).rejects.toMatchObject(damaged)
})
