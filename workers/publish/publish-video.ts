import type { Database } from '../../core/db/open.ts'
import type { NewOutput } from '../../core/db/outputs.ts'
import { readTracks } from '../../core/db/segments.ts'
import { trackBytes } from '../../core/media/hls-facts.ts'
import { dashKey, isPlayable, masterKey, playlistFiles, renditionFacts } from '../../core/media/playlists.ts'
import type { VideoPlan } from '../../core/media/video-plan.ts'
import { cacheControlFor, contentTypeFor } from '../../core/storage/content-types.ts'
import { generationPrefix } from '../../core/storage/keys.ts'
import type { TaskRun } from '../house.ts'
import { readTexts } from './read-texts.ts'
import { verifyHls } from './verify-hls.ts'

type Run = Pick<TaskRun, 'asset' | 'task' | 'bench'>
type Options = { run: Run; db: Database; plan: VideoPlan; complete: boolean }

/**
 * Writes the playlists of what is there: growing ones as soon as every rendition can start, lasting ones when all is
 * there and right. Whoever calls holds the asset's lock, so that a list never gets shorter.
 */
export async function publishVideo({
  run,
  db,
  plan,
  complete,
}: Options): Promise<{ playable: boolean; outputs: NewOutput[] }> {
  const generation = { id: run.asset.id, generation: run.task.generation }
  const texts = await readTexts(db, { ...generation, plan })
  if (texts === undefined) return { playable: false, outputs: [] }
  const facts = { plan, tracks: await readTracks(db, generation), texts }
  if (complete) verifyHls(facts)
  else if (!isPlayable(facts)) return { playable: false, outputs: [] }
  const files = playlistFiles({ ...facts, state: complete ? 'vod' : 'event' })
  const master = files.find(({ key }) => key === masterKey)
  // Media lists first, so that the master never points at nothing.
  const others = files.filter((file) => file !== master)
  const put = await Promise.all(others.map(async (file) => ({ file: file.key, ...(await putText(run, file)) })))
  const prefix = generationPrefix(run.asset, run.task.generation)
  const renditions = renditionFacts(facts).map(({ name, ...rest }): NewOutput => {
    const key = `${prefix}hls/${name}/playlist.m3u8`
    const bytes = trackBytes(facts.tracks.find((track) => track.name === name))
    return { role: 'rendition', name, key, contentType: contentTypeFor(key), bytes, facts: rest }
  })
  const hls = master ? [{ role: 'hls' as const, name: 'master', ...(await putText(run, master)) }] : []
  const dash = put
    .filter(({ file }) => file === dashKey)
    .map(({ file: _, ...stored }) => ({ role: 'dash' as const, name: 'manifest', ...stored }))
  return { playable: true, outputs: [...hls, ...dash, ...renditions] }
}

/** One list, or whatever else of text viewers are given, with its row. */
export async function putText(run: Run, { key: file, text }: { key: string; text: string }) {
  run.bench.guard()
  const key = generationPrefix(run.asset, run.task.generation) + file
  const contentType = contentTypeFor(file)
  const stored = await run.bench.storage.put(key, Buffer.from(text), {
    contentType,
    cacheControl: cacheControlFor(key),
    signal: run.bench.signal,
  })
  return { contentType, ...stored }
}
