import { isPrivateKey, isSourceKey, isStagingKey } from './keys.ts'

// Passive types alone: nothing here runs script in a page that opens it.
const types: Record<string, string> = {
  m3u8: 'application/vnd.apple.mpegurl',
  mpd: 'application/dash+xml',
  mp4: 'video/mp4',
  m4s: 'video/mp4',
  m4v: 'video/mp4',
  m4a: 'audio/mp4',
  f4a: 'audio/mp4',
  m4b: 'audio/mp4',
  ts: 'video/mp2t',
  mov: 'video/quicktime',
  webm: 'video/webm',
  mkv: 'video/matroska',
  avi: 'video/x-msvideo',
  '3gp': 'video/3gpp',
  '3g2': 'video/3gpp2',
  f4v: 'video/mp4',
  m4p: 'video/mp4',
  f4p: 'video/mp4',
  flv: 'video/x-flv',
  mpg: 'video/mpeg',
  ogv: 'video/ogg',
  ogm: 'video/ogg',
  ogx: 'video/ogg',
  asf: 'video/x-ms-asf',
  mts: 'video/mp2t',
  mp3: 'audio/mpeg',
  aac: 'audio/aac',
  wav: 'audio/wav',
  flac: 'audio/flac',
  ogg: 'audio/ogg',
  opus: 'audio/ogg',
  oga: 'audio/ogg',
  spx: 'audio/ogg',
  mp2: 'audio/mpeg',
  mp1: 'audio/mpeg',
  weba: 'audio/webm',
  mka: 'audio/matroska',
  wma: 'audio/x-ms-wma',
  aif: 'audio/aiff',
  caf: 'audio/x-caf',
  w64: 'audio/x-w64',
  ac3: 'audio/ac3',
  amr: 'audio/amr',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  apng: 'image/apng',
  webp: 'image/webp',
  avif: 'image/avif',
  gif: 'image/gif',
  heic: 'image/heic',
  heif: 'image/heif',
  tif: 'image/tiff',
  tiff: 'image/tiff',
  vtt: 'text/vtt; charset=utf-8',
  json: 'application/json',
}

const typeByExtension = new Map(Object.entries(types))
const playlists = new Set(['m3u8', 'mpd'])

function extensionOf(name: string): string {
  const base = name.slice(name.lastIndexOf('/') + 1)
  return base.includes('.') ? base.slice(base.lastIndexOf('.') + 1).toLowerCase() : ''
}

/** The type under which a name may be served to a browser, or undefined when it may not be. */
export const servedTypeFor = (name: string): string | undefined => typeByExtension.get(extensionOf(name))

/** What strangers' bytes are called: a source bears a stranger's name, and nobody has vouched for it. */
export const untyped = 'application/octet-stream'

/** The type that an object is stored with. It follows from our table and our names, never from what a stranger declared. */
export const contentTypeFor = (name: string): string => (isSourceKey(name) ? undefined : servedTypeFor(name)) ?? untyped

/** Playlists grow while a generation is made, and nothing else in it ever changes. */
const isPlaylist = (key: string) => playlists.has(extensionOf(key))

/** How an object is stored. Sources and their pieces are in no cache, and what is private in nobody's but its viewer's. */
export function cacheControlFor(key: string): string {
  if (isSourceKey(key) || isStagingKey(key)) return 'private, no-store'
  const whose = isPrivateKey(key) ? 'private' : 'public'
  if (isPlaylist(key)) return whose === 'private' ? 'private, no-cache' : 'no-cache'
  return `${whose}, max-age=31536000, immutable`
}

/** How a signed answer may be kept: by its viewer alone, and no longer than its address works. */
export function signedCacheControl(key: string, seconds: number): string {
  if (isSourceKey(key)) return 'private, no-store'
  return isPlaylist(key) ? 'private, no-cache' : `private, max-age=${Math.max(0, Math.floor(seconds))}`
}
