import sharp from 'sharp'
import type { Asset } from '../../client/index.ts'
import type { VideoOutcome } from '../../fixtures/hard/hard-file.ts'
import { readMarks } from '../../fixtures/hard/marks.ts'
import { corners, type Rgb } from '../../fixtures/images.ts'
import { decodePictures, streamOf } from './decode.ts'
import { judgeSound } from './judge-sound.ts'
import { fetchPresentation, get, type Track } from './presentation.ts'

/** What is wrong with a finished video, each as a sentence; nothing when all is as the corpus wants it. */
export async function judgeVideo(options: { asset: Asset; wanted: VideoOutcome; folder: string }): Promise<string[]> {
  const { asset, wanted, folder } = options
  const { size = [320, 180], fps = 25, rungs = [`${Math.min(...size)}p`] } = wanted
  const faults: string[] = []
  const same = (what: string, found: unknown, right: unknown) => {
    if (JSON.stringify(found) !== JSON.stringify(right))
      faults.push(`${what} is ${JSON.stringify(found)}, wanted is ${JSON.stringify(right)}`)
  }
  const { media, thumbnails, playback } = asset
  same('the size', [media?.['width'], media?.['height']], size)
  same(
    'the list of qualities',
    asset.renditions.map(({ name }) => name),
    rungs,
  )
  same(
    'the thumbnails',
    thumbnails.map(({ width, height }) => `${width}x${height}`),
    ['320x180', '640x360', '1280x720'],
  )
  const { pictures, sounds, faults: lists } = await fetchPresentation({ master: playback?.hls ?? '', folder })
  faults.push(...lists)
  const made = Math.round((pictures[0]?.seconds ?? 0) * fps)
  const near = wanted.about === true && Math.abs(made / (wanted.frames ?? 25) - 1) < 0.05
  const frames = near ? made : (wanted.frames ?? 25)
  const longest = Math.max(...[...pictures, ...sounds].map(({ seconds }) => seconds))
  if (!(Math.abs(Number(media?.['duration']) - longest) < 0.15))
    faults.push(`is said to last ${media?.['duration']} s, lasts ${longest} s`)
  for (const track of pictures) faults.push(...(await judgeTrack({ track, size, fps, frames })))
  faults.push(...(await judgePictures({ track: pictures[0], wanted: { ...wanted, frames } })))
  const [first] = pictures
  faults.push(...(await judgeSound({ sounds, wanted: wanted.sound, picture: first, seconds: frames / fps })))
  if (wanted.poster !== false) faults.push(...(await judgePoster({ url: playback?.poster ?? '', wanted })))
  return faults
}

type Judged = { track: Track; size: readonly [number, number]; fps: number; frames: number }

/** What a player is told of one quality, and what the file itself says. */
async function judgeTrack({ track, size, fps, frames }: Judged): Promise<string[]> {
  const stream = await streamOf(track.file)
  const [width, height] = [Number(stream['width']), Number(stream['height'])]
  const found = {
    ...{ pixels: stream['pix_fmt'], profile: stream['profile'], field: stream['field_order'] },
    ...{ shape: stream['sample_aspect_ratio'], range: stream['color_range'], space: stream['color_space'] },
    ...{ transfer: stream['color_transfer'], primaries: stream['color_primaries'] },
  }
  const right = {
    ...{ pixels: 'yuv420p', profile: 'High', field: 'progressive', shape: '1:1', range: 'tv' },
    ...{ space: 'bt709', transfer: 'bt709', primaries: 'bt709' },
  }
  const wrong: string[] = []
  if (JSON.stringify(found) !== JSON.stringify(right)) wrong.push(JSON.stringify(found))
  if (width !== track.width || height !== track.height) wrong.push(`${track.width}x${track.height} says the master`)
  if (width % 2 || height % 2 || width > size[0] || height > size[1]) wrong.push(`${width}x${height}`)
  // Even sides may be a pixel off; beyond that the shape is the source's.
  if (Math.abs(width - (height * size[0]) / size[1]) > 1 + size[0] / size[1])
    wrong.push(`${width}x${height} is no ${size.join('x')}`)
  if (Math.abs((track.fps ?? 0) - fps) > 0.002) wrong.push(`${track.fps} frames a second, not ${fps}`)
  if (Math.abs(track.seconds - frames / fps) > 1.5 / fps) wrong.push(`${track.seconds} s, not ${frames / fps}`)
  return wrong.map((what) => `${track.uri}: ${what}`)
}

/** Every picture: how many, which, in which order, which way up, in which colours. */
async function judgePictures({ track, wanted }: { track: Track | undefined; wanted: VideoOutcome }): Promise<string[]> {
  if (track === undefined) return ['no pictures']
  const { frames = 25, colours = 14, numbers = { last: 24, each: true } } = wanted
  const { width = 0, height = 0 } = track
  const bytes = width * height * 3
  const data = await decodePictures(track.file)
  const marks = Array.from({ length: data.length / bytes }, (_, n) =>
    readMarks({ rgb: data.subarray(n * bytes, (n + 1) * bytes), width, height }),
  )
  const read = marks.map(({ number }) => number)
  const faults: string[] = []
  if (read.length !== frames) faults.push(`${read.length} pictures, not ${frames}`)
  if (wanted.numbers !== undefined || frames === 25) faults.push(...judgeNumbers(read, numbers))
  const [first] = marks
  if (first)
    faults.push(...judgeColours({ ...first, tolerance: colours }).map((fault) => `the first picture: ${fault}`))
  return faults
}

function judgeNumbers(read: (number | undefined)[], wanted: NonNullable<VideoOutcome['numbers']>): string[] {
  const { first = 0, last, step, each } = wanted
  const faults: string[] = []
  const told = read.map((number) => number ?? '?').join(' ')
  const increase = read.slice(1).map((number, n) => (number ?? Number.NaN) - (read[n] ?? Number.NaN))
  if (read[0] !== first) faults.push(`begins with picture ${read[0]}, not ${first}`)
  if (last !== undefined && read.at(-1) !== last) faults.push(`ends with picture ${read.at(-1)}, not ${last}`)
  const right = each
    ? (by: number) => by === 1
    : step === undefined
      ? (by: number) => by >= 0
      : (by: number) => by === step
  if (wanted.anyOrder !== true && !increase.every(right)) faults.push(`pictures out of order, doubled or lost: ${told}`)
  return faults
}

const ground: Rgb = [128, 128, 128]

/** The corners tell every turn, mirror and wrong matrix; the grey tells a tint and a wrong range. */
function judgeColours(found: { corners: Rgb[]; ground: Rgb; tolerance: number }): string[] {
  const spots: [string, Rgb | undefined, readonly number[] | undefined][] = [
    ['top left', found.corners[0], corners[0]],
    ['top right', found.corners[1], corners[1]],
    ['bottom left', found.corners[2], corners[2]],
    ['bottom right', found.corners[3], corners[3]],
    ['the ground', found.ground, ground],
  ]
  return spots
    .filter(([, rgb, right]) => !right?.every((level, n) => Math.abs(level - (rgb?.[n] ?? 0)) <= found.tolerance))
    .map(([where, rgb, right]) => `${where} is ${rgb}, drawn was ${right}`)
}

async function judgePoster({ url, wanted }: { url: string; wanted: VideoOutcome }): Promise<string[]> {
  const { size = [320, 180], colours = 14 } = wanted
  const bytes = Buffer.from(await (await get(url)).arrayBuffer())
  const { data, info } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const { width, height } = info
  const faults = width === size[0] && height === size[1] ? [] : [`the poster is ${width}x${height}`]
  const marks = readMarks({ rgb: data, width, height })
  // JPEG and its sampling blur what is small.
  return [...faults, ...judgeColours({ ...marks, tolerance: colours + 6 }).map((fault) => `the poster: ${fault}`)]
}
