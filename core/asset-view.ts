import type { AssetView, MediaFacts } from './asset-shape.ts'
import type { Asset } from './db/assets.ts'
import type { Output } from './db/outputs.ts'
import { srcset } from './media/image-variants.ts'

// Facts are written by the tasks that made the output, in these shapes; metadata was looked at when it came.
type PictureFacts = { name?: string; width: number; height: number; format: string }
type Picture = { name: string; width: number; format: string }
type RenditionFacts = { width: number; height: number; bandwidth: number; codecs: string; frameRate: number }
type StoryboardFacts = { tileWidth: number; tileHeight: number; interval: number }
type Addresses = { publicUrl(key: string): string }
type Known = { asset: Asset; outputs: Output[]; done: number | undefined; storage: Addresses }

/** An asset as everybody outside sees it: over HTTP, in events and webhooks. */
export function assetView({ asset: row, outputs, done, storage }: Known): AssetView {
  const asset = asServed(row)
  const of = (role: string) => outputs.filter((output) => output.role === role)
  const url = (output: Output | undefined) => (output === undefined ? undefined : storage.publicUrl(output.storage_key))
  const hls = asset.playable ? url(of('hls')[0]) : undefined
  const dash = asset.playable ? url(of('dash')[0]) : undefined
  const original = url(of('video')[0])
  const poster = url(of('poster')[0])
  const waveform = url(of('waveform')[0])
  const mp4 = url(of('mp4')[0])
  const playback = {
    ...(hls && { hls }),
    ...(dash && { dash }),
    ...(mp4 && { mp4 }),
    ...(original && { original }),
    ...(poster && { poster }),
  }
  // The original has its address first; the file that plays everywhere takes over when it is there.
  const audio = of('audio').find((output) => output.name === 'm4a') ?? of('audio')[0]
  const images = of('image')
    .map((output) => picture(output, storage))
    .sort(originalFirst)
  return {
    id: asset.id,
    kind: asset.kind,
    status: asset.status,
    playable: asset.playable,
    progress: progress(asset, done),
    generation: asset.generation,
    profile: asset.profile,
    externalId: asset.external_id,
    metadata: asset.metadata as AssetView['metadata'],
    visibility: asset.visibility,
    source: sourceView(asset),
    media: asset.media as MediaFacts | null,
    playback: Object.keys(playback).length > 0 ? playback : null,
    renditions: of('rendition')
      .sort(bestFirst)
      .map((output) => ({ name: output.name, ...(output.facts as RenditionFacts) })),
    thumbnails: of('thumbnail')
      .sort(byWidth)
      .map((output) => picture(output, storage)),
    storyboard: storyboard(of('storyboard'), storage),
    images,
    srcset: srcset(images),
    audio: audio
      ? {
          url: storage.publicUrl(audio.storage_key),
          format: audio.facts['format'] as string,
          bytes: audio.bytes,
          ...(waveform && { waveform }),
        }
      : null,
    placeholder: asset.placeholder,
    timings: timings(asset),
    error: asset.error,
    createdAt: asset.created_at.toISOString(),
    updatedAt: asset.updated_at.toISOString(),
    playableAt: asset.playable_at?.toISOString() ?? null,
    readyAt: asset.ready_at?.toISOString() ?? null,
  }
}

export type { AssetView } from './asset-shape.ts'

/** What was made this moment: nothing of it is done, and nothing has come of it. */
export const newAssetView = (known: Pick<Known, 'asset' | 'storage'>): AssetView =>
  assetView({ ...known, outputs: [], done: undefined })

/** While another generation is made, all that is said goes by the one that is served. */
function asServed(asset: Asset): Asset {
  return asset.status === 'ready' || asset.other_facts === null ? asset : { ...asset, ...asset.other_facts }
}

function progress(asset: Asset, done: number | undefined): number {
  if (asset.status === 'ready') return 1
  // Before the plan is made, what is done is little of what there will be.
  if (asset.status === 'queued' || asset.status === 'waiting') return Math.round(50 * (done ?? 0)) / 1_000
  return Math.round(Math.min(0.99, done ?? 0) * 1_000) / 1_000
}

const byWidth = (a: Output, b: Output) => (a.facts as PictureFacts).width - (b.facts as PictureFacts).width

const bestFirst = (a: Output, b: Output) => (b.facts as RenditionFacts).height - (a.facts as RenditionFacts).height

/** The original, then each format from small to large. */
function originalFirst(a: Picture, b: Picture): number {
  const original = Number(b.name === 'original') - Number(a.name === 'original')
  return original || a.format.localeCompare(b.format) || a.width - b.width
}

/** Never the query of an address: it holds signatures. */
function sourceView(asset: Asset) {
  return {
    type: asset.source_type,
    filename: asset.source_filename,
    bytes: asset.source_bytes,
    receivedBytes: asset.source_received,
    mime: asset.source_mime,
    sha256: asset.source_sha256,
    ...(asset.source_object === null ? {} : { object: asset.source_object }),
    ...(asset.source_url === null ? {} : { url: withoutSecrets(asset.source_url) }),
  }
}

function withoutSecrets(address: string): string {
  const url = URL.parse(address)
  return url === null ? '' : `${url.protocol}//${url.host}${url.pathname}`
}

function picture(output: Output, storage: Addresses) {
  const { name = output.name, width, height, format } = output.facts as PictureFacts
  return { name, width, height, format, bytes: output.bytes, url: storage.publicUrl(output.storage_key) }
}

function storyboard(outputs: Output[], storage: Addresses) {
  const vtt = outputs.find((output) => output.name === 'vtt')
  if (vtt === undefined) return null
  const { tileWidth, tileHeight, interval } = vtt.facts as StoryboardFacts
  return { vtt: storage.publicUrl(vtt.storage_key), tileWidth, tileHeight, interval }
}

function timings(asset: Asset) {
  const from = (start: Date | null, end: Date | null) =>
    start && end ? Math.max(0, end.getTime() - start.getTime()) : null
  return {
    receivedMs: from(asset.created_at, asset.received_at),
    waitedMs: from(asset.received_at, asset.started_at),
    firstPlayableMs: from(asset.received_at, asset.playable_at),
    totalMs: from(asset.created_at, asset.ready_at),
  }
}
