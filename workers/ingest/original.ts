import { markPlayable } from '../../core/db/assets.ts'
import { writeOutputs } from '../../core/db/outputs.ts'
import type { JsonObject } from '../../core/db/schema.ts'
import type { Trx } from '../../core/db/tasks.ts'
import type { Sniffed } from '../../core/media/sniff.ts'
import type { AssetPlan } from '../../core/plan.ts'
import { cacheControlFor, contentTypeFor } from '../../core/storage/content-types.ts'
import { generationPrefix } from '../../core/storage/keys.ts'
import type { TaskRun } from '../house.ts'
import { sourceKeyOf } from '../source-file.ts'

/** A picture or sound gets its lasting address as soon as its bytes are known for what they are: the bytes as received, under a type of ours. */
export async function publishOriginal({ run, sniffed, plan }: { run: TaskRun; sniffed: Sniffed; plan: AssetPlan }) {
  const { task, asset, bench } = run
  const folder = plan.kind === 'image' ? 'images' : 'audio'
  const file = `${folder}/original.${sniffed.extension}`
  const key = generationPrefix(asset, task.generation) + file
  bench.guard()
  const contentType = contentTypeFor(file)
  const bytes = await bench.storage.copy(sourceKeyOf(asset), key, { contentType, cacheControl: cacheControlFor(key) })
  const facts: JsonObject = { name: 'original', format: sniffed.extension === 'jpg' ? 'jpeg' : sniffed.extension }
  if (plan.kind === 'image') Object.assign(facts, run.asset.media ?? {})
  return async (trx: Trx) => {
    const role = plan.kind === 'image' ? 'image' : 'audio'
    const output = {
      role,
      name: 'original',
      key,
      contentType,
      bytes,
      sha256: asset.source_sha256 ?? undefined,
      facts,
    } as const
    await writeOutputs(trx, { id: asset.id, generation: task.generation }, [output])
    await markPlayable(trx, asset)
  }
}
