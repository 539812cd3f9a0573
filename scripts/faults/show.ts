import { execFile } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import sharp from 'sharp'
import type { AssetFact, ShownFact } from './facts.ts'
import type { FaultHouse } from './house.ts'

const run = promisify(execFile)

/** Looks at every ready asset as a viewer would. */
export async function lookAtAll(house: FaultHouse, assets: readonly AssetFact[]): Promise<ShownFact[]> {
  const shown: ShownFact[] = []
  for (const asset of assets) if (asset.status === 'ready' && !asset.deleted) shown.push(await lookAt(house, asset.id))
  return shown
}

async function lookAt(house: FaultHouse, assetId: string): Promise<ShownFact> {
  const outputs = await house.db.selectFrom('outputs').selectAll().where('asset_id', '=', assetId).execute()
  const { media } = await house.db
    .selectFrom('assets')
    .select('media')
    .where('id', '=', assetId)
    .executeTakeFirstOrThrow()
  const broken: string[] = []
  const pictures = outputs.filter(({ role }) => role === 'thumbnail' || role === 'poster' || role === 'image')
  for (const { storage_key: key } of pictures) {
    const opens = await bytesOf(house, key).then((bytes) => sharp(bytes).metadata(), asFault)
    if (typeof opens === 'string') broken.push(`${key}: ${opens}`)
  }
  const master = outputs.find(({ role }) => role === 'hls')?.storage_key
  const sound = outputs.find(({ role, name }) => role === 'audio' && name === 'm4a')?.storage_key
  const seconds = await playedSeconds(house, { master, sound }).catch((error) => {
    broken.push(asFault(error))
    return undefined
  })
  const wants = media?.['duration']
  return {
    assetId,
    thumbnails: pictures.filter(({ role }) => role === 'thumbnail').length,
    seconds,
    wantsSeconds: (master ?? sound) !== undefined && typeof wants === 'number' ? wants : undefined,
    broken,
  }
}

const asFault = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 300)

async function bytesOf({ storage }: FaultHouse, key: string): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(await storage.get(key)))
}

type Playing = { master: string | undefined; sound: string | undefined }

/** Fetches all that the lists name, and asks ffprobe how long the whole plays. */
async function playedSeconds(house: FaultHouse, { master, sound }: Playing): Promise<number | undefined> {
  if (master === undefined && sound === undefined) return undefined
  const folder = await mkdtemp(`${house.folder}/shown-`)
  try {
    const file =
      master === undefined ? await fetchTo(house, sound ?? '', folder) : await joinFirst(house, master, folder)
    // What its packets say: heads of files that were put together tell of one part alone.
    const args = ['-v', 'error', '-select_streams', '0', '-show_entries', 'packet=pts_time,duration_time']
    const { stdout } = await run('ffprobe', [...args, '-of', 'csv=p=0', file])
    const packets = stdout
      .trim()
      .split('\n')
      .map((line) => line.split(',').map(Number))
    return Math.max(...packets.map(([at = 0, lasts = 0]) => at + lasts)) - Math.min(...packets.map(([at = 0]) => at))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function fetchTo(house: FaultHouse, key: string, folder: string): Promise<string> {
  const file = path.join(folder, path.basename(key))
  const local = await house.storage.pathOf(key)
  await pipeline(local ? createReadStream(local) : await house.storage.get(key), (bytes) => writeFile(file, bytes))
  return file
}

/** Every list below the master is read, and every file of it; the first rendition is put together, to be played. */
async function joinFirst(house: FaultHouse, master: string, folder: string): Promise<string> {
  const joined = path.join(folder, 'joined.mp4')
  const lists = filesIn((await bytesOf(house, master)).toString(), master).filter((key) => key.endsWith('.m3u8'))
  if (lists.length === 0) throw new Error(`${master} names no list`)
  for (const [at, list] of lists.entries()) {
    const text = (await bytesOf(house, list)).toString()
    if (!text.includes('#EXT-X-ENDLIST')) throw new Error(`${list} has no end`)
    const parts: Buffer[] = []
    for (const key of filesIn(text, list)) parts.push(await bytesOf(house, key))
    if (at === 0) await writeFile(joined, Buffer.concat(parts))
  }
  return joined
}

/** Lines, and addresses in tags, each once. */
function filesIn(text: string, list: string): string[] {
  const named = text.split('\n').flatMap((line) => {
    if (line.startsWith('#')) return /URI="([^"]+)"/.exec(line)?.[1] ?? []
    return line.trim() || []
  })
  return [...new Set(named)].map((name) => path.posix.join(path.posix.dirname(list), decodeURIComponent(name)))
}
