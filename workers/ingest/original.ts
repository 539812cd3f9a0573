import { markPlayable } from '../../core/db/assets.ts'
import { writeOutputs } from '../../core/db/outputs.ts'
import type { JsonObject } from '../../core/db/schema.ts'
import type { Trx } from '../../core/db/tasks.ts'
import type { Sniffed } from '../../core/media/sniff.ts'
import type { AssetPlan } from '../../core/plan.ts'
import { cacheControlFor, contentTypeFor } from '../../core/storage/content-types.ts'
import { generationPrefix } from '../../core/storage/keys.ts'
import type { TaskRun } from '../house.ts'
import { copySource } from '../source-file.ts'

const folders = { image: 'images', audio: 'audio', video: 'video' }

type Options = { run: TaskRun; sniffed: Sniffed; kind: AssetPlan['kind']; media: JsonObject }

/** What is not encoded to be played gets its lasting address as soon as its bytes are known for what they are: the bytes as received, under a type of ours. */
export async function publishOriginal({ run, sniffed, kind, media }: Options) {
  const { task, asset, bench } = run
  const file = `${folders[kind]}/original.${sniffed.extension}`
  const key = generationPrefix(asset, task.generation) + file
  bench.guard()
  const contentType = contentTypeFor(file)
  const { bytes } = await copySource({ ...run, to: key, contentType, cacheControl: cacheControlFor(key) })
  const { width = null, height = null } = media
  const format = sniffed.extension === 'jpg' ? 'jpeg' : sniffed.extension
  const facts = kind === 'image' ? { name: 'original', width, height, format } : { format }
  return async (trx: Trx) => {
    const output = {
      role: kind,
      name: 'original',
      key,
      contentType,
      bytes,
      sha256: asset.source_sha256 ?? undefined,
      facts,
    } as const
    await writeOutputs(trx, { id: asset.id, generation: task.generation }, [output])
    run.reached(await markPlayable(trx, asset))
  }
}
