import { writeFile } from 'node:fs/promises'
import HLS from 'hls-parser'

/** One rendition as a player gets it: its segments in one file behind their init segment. */
export type Track = {
  uri: string
  file: string
  seconds: number
  segments: number
  width?: number
  height?: number
  fps?: number
}
export type Sound = Track & { name: string; language?: string }
export type Presentation = { pictures: Track[]; sounds: Sound[]; faults: string[] }

type Media = Pick<Track, 'file' | 'seconds' | 'segments'>

/** Fetches a whole presentation, and says what is wrong with its playlists. */
export async function fetchPresentation({ master, folder }: { master: string; folder: string }): Promise<Presentation> {
  const faults: string[] = []
  const text = await (await get(master)).text()
  HLS.setOptions({ strictMode: true })
  const list = HLS.parse(text)
  if (!list.isMasterPlaylist) throw new Error('the first playlist is no master')
  if (!list.independentSegments) faults.push('the master does not promise independent segments')
  const media = async (uri: string) => fetchMedia({ at: new URL(uri, master), folder, faults })
  const pictures: Track[] = []
  for (const { uri, bandwidth, averageBandwidth, codecs, resolution, frameRate } of list.variants) {
    if (!(bandwidth > 0 && averageBandwidth !== undefined && averageBandwidth <= bandwidth))
      faults.push(`${uri}: ${bandwidth} b/s at most and ${averageBandwidth} b/s on average`)
    if (!/^avc1\.64[0-9a-f]{4}(,mp4a\.40\.2)?$/.test(codecs ?? '')) faults.push(`${uri}: codecs ${codecs}`)
    const fps = frameRate === undefined ? {} : { fps: frameRate }
    pictures.push({ uri, ...(await media(uri)), ...resolution, ...fps })
  }
  const sounds: Sound[] = []
  for (const { uri, name, language } of list.variants[0]?.audio ?? []) {
    if (uri === undefined) throw new Error('sound without an address')
    sounds.push({ uri, name, ...(language === undefined ? {} : { language }), ...(await media(uri)) })
  }
  if (new Set(pictures.map(({ segments }) => segments)).size > 1) faults.push('renditions differ in their segments')
  return { pictures, sounds, faults }
}

async function fetchMedia({ at, folder, faults }: { at: URL; folder: string; faults: string[] }): Promise<Media> {
  const list = HLS.parse(await (await get(at.href)).text())
  if (list.isMasterPlaylist) throw new Error('a master inside a master')
  const { segments, targetDuration, endlist, playlistType } = list
  const wrong = (what: string) => faults.push(`${at.pathname.split('/').slice(-2).join('/')}: ${what}`)
  if (!endlist || playlistType !== 'VOD') wrong('not a finished VOD playlist')
  if (segments.some(({ discontinuity }) => discontinuity)) wrong('a discontinuity')
  const inits = new Set(segments.map(({ map }) => map?.uri))
  if (inits.size !== 1) wrong(`${inits.size} init segments`)
  if (segments.some(({ duration }) => Math.round(duration) > targetDuration)) wrong('a segment over the target')
  const parts: Buffer[] = []
  for (const uri of [...inits, ...segments.map((segment) => segment.uri)]) {
    const answer = await get(new URL(uri ?? '', at).href)
    if (!/immutable/.test(answer.headers.get('cache-control') ?? '')) wrong(`${uri} is not immutable`)
    parts.push(Buffer.from(await answer.arrayBuffer()))
  }
  const file = `${folder}/${at.pathname.replaceAll('/', '-')}.mp4`
  await writeFile(file, Buffer.concat(parts))
  return { file, segments: segments.length, seconds: segments.reduce((sum, { duration }) => sum + duration, 0) }
}

export async function saved({ url, file }: { url: string; file: string }): Promise<string> {
  await writeFile(file, Buffer.from(await (await get(url)).arrayBuffer()))
  return file
}

export async function get(url: string): Promise<Response> {
  const answer = await fetch(url)
  if (answer.ok) return answer
  throw new Error(`${answer.status} for ${url}`)
}
