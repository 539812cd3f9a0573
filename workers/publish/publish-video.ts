import type { NewOutput } from '../../core/db/outputs.ts'
import type { Task } from '../../core/db/tasks.ts'
import { audioResultSchema, chunkResultSchema } from '../../core/media/hls-facts.ts'
import { playlistFiles, renditionFacts } from '../../core/media/playlists.ts'
import type { VideoPlan } from '../../core/media/video-plan.ts'
import { cacheControlFor, contentTypeFor } from '../../core/storage/content-types.ts'
import { generationPrefix } from '../../core/storage/keys.ts'
import { kindOf } from '../../core/task-kinds.ts'
import type { TaskRun } from '../house.ts'
import { verifyHls } from './verify-hls.ts'

type Options = { run: TaskRun; plan: VideoPlan; tasks: Task[]; complete: boolean }

/** Writes the playlists of what is there: growing ones as soon as every rendition can start, lasting ones when all is there and right. */
export async function publishVideo({
  run,
  plan,
  tasks,
  complete,
}: Options): Promise<{ playable: boolean; outputs: NewOutput[] }> {
  const done = tasks.filter((task) => task.status === 'done')
  const chunks = done
    .filter((task) => kindOf(task.key) === 'encode')
    .map((task) => chunkResultSchema.parse(task.result))
  const audio = done.filter((task) => kindOf(task.key) === 'sound').map((task) => audioResultSchema.parse(task.result))
  const playable = chunks.some((chunk) => chunk.chunk === 0) && audio.length === plan.audio.length
  if (!playable) return { playable, outputs: [] }
  const facts = { plan, chunks, audio }
  if (complete) verifyHls(facts)
  const prefix = generationPrefix(run.asset, run.task.generation)
  const outputs: NewOutput[] = []
  for (const { key: file, text } of playlistFiles({ ...facts, state: complete ? 'vod' : 'event' })) {
    run.bench.guard()
    const key = prefix + file
    const contentType = contentTypeFor(file)
    const body = Buffer.from(text)
    const stored = await run.bench.storage.put(key, body, {
      contentType,
      cacheControl: cacheControlFor(key),
      signal: run.bench.signal,
    })
    if (file === 'hls/master.m3u8') outputs.push({ role: 'hls', name: 'master', contentType, ...stored })
  }
  const renditions = renditionFacts(facts).map(({ name, ...rest }): NewOutput => {
    const key = `${prefix}hls/${name}/playlist.m3u8`
    return {
      role: 'rendition',
      name,
      key,
      contentType: contentTypeFor(key),
      bytes: bytesOf({ name, chunks }),
      facts: rest,
    }
  })
  return { playable, outputs: [...outputs, ...renditions] }
}

/** What a viewer of this quality fetches in all. */
function bytesOf({
  name,
  chunks,
}: {
  name: string
  chunks: { renditions: { name: string; segments: { bytes: number }[] }[] }[]
}): number {
  return chunks
    .flatMap((chunk) => chunk.renditions.filter((rendition) => rendition.name === name))
    .flatMap((rendition) => rendition.segments)
    .reduce((sum, segment) => sum + segment.bytes, 0)
}
