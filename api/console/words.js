/** @import { Asset, Picture } from './types.d.ts' */

/**
 * 512 B, 9.9 KB, 3.2 MB: in thousands, as file managers and networks count.
 * @param {number} bytes
 */
export function size(bytes) {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  let [amount, unit] = [bytes, 0]
  while (amount >= 999.5 && unit < units.length - 1) {
    amount /= 1000
    unit += 1
  }
  return `${unit > 0 && amount < 9.95 ? amount.toFixed(1) : Math.round(amount)} ${units[unit]}`
}

/**
 * 0:07, 12:34, 1:02:03
 * @param {number} seconds
 */
export function clock(seconds) {
  const whole = Math.round(seconds)
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, String(whole % 60)]
  const tail = rest.padStart(2, '0')
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`
}

/**
 * How long something took: 0.4 s, 5.3 s, 48 s, 2 min 5 s, 1 h 12 min
 * @param {number} ms
 */
export function span(ms) {
  const seconds = Math.max(0, ms) / 1000
  return seconds < 9.95 ? `${seconds.toFixed(1)} s` : elapsed(ms)
}

/**
 * The same in whole seconds, for what still runs.
 * @param {number} ms
 */
export function elapsed(ms) {
  const whole = Math.max(0, Math.round(ms / 1000))
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor(whole / 60) % 60} min`
}

/** @param {number | undefined} width @param {number | undefined} height */
export const dimensions = (width, height) =>
  width === undefined || height === undefined ? undefined : `${width} × ${height}`

/** @param {Asset} asset */
export const nameOf = (asset) => asset.source.filename || asset.source.url || asset.id

const kinds = { video: 'Video', image: 'Picture', audio: 'Sound' }

/**
 * What is known so far, unknown left out.
 * @param {Asset} asset
 */
export function facts(asset) {
  const { media, source } = asset
  const bytes = source.bytes ?? source.receivedBytes
  return [
    asset.kind === null ? undefined : kinds[asset.kind],
    media?.duration === undefined || media.duration === null ? undefined : clock(media.duration),
    dimensions(media?.width, media?.height),
    bytes ? size(bytes) : undefined,
    source.url === undefined ? undefined : new URL(source.url).host,
  ]
    .filter((fact) => fact !== undefined)
    .join(' · ')
}

/**
 * The state in a word; `tone` colours it.
 * @param {Asset} asset
 * @returns {{ word: string, tone: 'busy' | 'good' | 'bad' | 'idle' }}
 */
export function stateOf(asset) {
  const percent = `${Math.floor(asset.progress * 100)} %`
  if (asset.status === 'ready') return { word: 'Ready', tone: 'good' }
  if (asset.status === 'failed') return { word: 'Failed', tone: 'bad' }
  if (asset.status === 'cancelled') return { word: 'Cancelled', tone: 'idle' }
  if (asset.status === 'waiting') return { word: 'Receiving', tone: 'busy' }
  if (asset.status === 'queued') return { word: isFetching(asset) ? 'Fetching' : 'Queued', tone: 'busy' }
  return { word: `${asset.playable ? 'Playable' : 'Processing'} ${percent}`, tone: 'busy' }
}

/** @param {Asset} asset */
const isFetching = (asset) => asset.source.type === 'url' && asset.source.bytes === null

/** @param {Asset} asset */
export const isUnfinished = (asset) => ['waiting', 'queued', 'processing'].includes(asset.status)

/**
 * What a click shows: nothing while there is nothing that plays.
 * @param {Asset} asset
 */
export function isShowable(asset) {
  if (!asset.playable) return false
  return playbackUrl(asset) !== undefined
}

/**
 * The address to hand to a player or a page.
 * @param {Asset} asset
 */
export function playbackUrl(asset) {
  if (asset.kind === 'video') return asset.playback?.hls ?? asset.playback?.original
  if (asset.kind === 'audio') return asset.audio?.url
  return (asset.images.find(({ name }) => name === 'web') ?? asset.images[0])?.url
}

/** @param {Picture} picture */
export const pictureFacts = (picture) =>
  [picture.format.toUpperCase(), dimensions(picture.width, picture.height), size(picture.bytes)]
    .filter((fact) => fact !== undefined)
    .join(' · ')
