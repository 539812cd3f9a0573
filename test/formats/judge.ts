import sharp from 'sharp'
import type { Asset } from '../../client/index.ts'
import type { HardFile, Outcome } from '../../fixtures/hard/hard-file.ts'
import { readMarks } from '../../fixtures/hard/marks.ts'
import type { Ended } from './corpus-house.ts'
import { decodeSound, soundRate, streamOf } from './decode.ts'
import { onsetOf } from './judge-sound.ts'
import { judgeVideo } from './judge-video.ts'
import { get, saved } from './presentation.ts'

type Options = { one: HardFile; ended: Ended; folder: string }

/** What is wrong with what became of one file, each fault as a sentence. */
export async function judge({ one, ended, folder }: Options): Promise<string[]> {
  const wanted = one.becomes
  const found = 'problem' in ended ? ended.problem : (ended.asset.error?.['code'] ?? ended.asset.kind)
  const right = wanted.kind === 'refused' ? wanted.code : wanted.kind
  if (found !== right)
    return [`became ${found}, not ${right}: ${'asset' in ended ? JSON.stringify(ended.asset.error) : ''}`]
  if (wanted.kind === 'refused' || 'problem' in ended) return []
  if (ended.asset.status !== 'ready') return [`ended ${ended.asset.status}`]
  if (wanted.kind === 'video') return judgeVideo({ asset: ended.asset, wanted, folder })
  if (wanted.kind === 'image') return judgeImage({ asset: ended.asset, wanted })
  return judgeAudio({ asset: ended.asset, wanted, folder })
}

type Image = { asset: Asset; wanted: Extract<Outcome, { kind: 'image' }> }

async function judgeImage({ asset, wanted }: Image): Promise<string[]> {
  const { media, images, thumbnails } = asset
  const faults: string[] = []
  const size = `${media?.['width']}x${media?.['height']}`
  if (size !== wanted.size.join('x')) faults.push(`the size is ${size}`)
  if (!images.some(({ name }) => name === 'original')) faults.push('no original')
  if (thumbnails.length !== 3) faults.push(`${thumbnails.length} thumbnails`)
  const web = images.find(({ name }) => name === 'web')
  if (web === undefined) return [...faults, 'no version for the web']
  const bytes = Buffer.from(await (await get(web.url)).arrayBuffer())
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true })
  const marks = readMarks({ rgb: data, width: info.width, height: info.height })
  if (wanted.marked && marks.number !== 0) faults.push(`shows picture ${marks.number}`)
  return faults
}

type Audio = { asset: Asset; wanted: Extract<Outcome, { kind: 'audio' }>; folder: string }

async function judgeAudio({ asset, wanted, folder }: Audio): Promise<string[]> {
  const { seconds = 2, channels = 1 } = wanted
  const file = await saved({ url: asset.audio?.url ?? '', file: `${folder}/${asset.id}.m4a` })
  const stream = await streamOf(file)
  const faults: string[] = []
  const form = `${stream['codec_name']} ${stream['sample_rate']} Hz ${stream['channels']}`
  if (form !== `aac 48000 Hz ${channels}`) faults.push(`sound is ${form}`)
  const samples = await decodeSound(file)
  if (Math.abs(samples.length / soundRate - seconds) > 0.1) faults.push(`lasts ${samples.length / soundRate} s`)
  if (Math.abs(Number(asset.media?.['duration']) - seconds) > 0.1)
    faults.push(`is said to last ${asset.media?.['duration']} s`)
  // Old codecs put a tenth of a second of nothing in front, and do not say so.
  if (wanted.silent !== true && !(onsetOf(samples) < 0.1)) faults.push(`the tone begins at ${onsetOf(samples)} s`)
  return faults
}
