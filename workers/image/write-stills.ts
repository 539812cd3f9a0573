import { writeOutputs } from '../../core/db/outputs.ts'
import type { Trx } from '../../core/db/tasks.ts'
import type { Placeholder } from '../../core/media/placeholder.ts'
import { contentTypeFor } from '../../core/storage/content-types.ts'
import type { TaskRun } from '../house.ts'
import type { StillOutput } from './publish-stills.ts'

/** The rows of finished pictures: an output each, and what stands in for them while they load. */
export function writeStills(
  { task }: Pick<TaskRun, 'task'>,
  made: { outputs: StillOutput[]; placeholder: Placeholder },
) {
  return async (trx: Trx): Promise<void> => {
    const outputs = made.outputs.map(({ role, name, key, bytes, sha256, width, height, format }) => ({
      role,
      // A width comes in two formats, and each is a row.
      name: role === 'image' ? `${name}.${format}` : name,
      key,
      contentType: contentTypeFor(key),
      bytes,
      sha256,
      facts: { name, width, height, format },
    }))
    await writeOutputs(trx, { id: task.asset_id, generation: task.generation }, outputs)
    await trx
      .updateTable('assets')
      .set({ placeholder: JSON.stringify(made.placeholder) })
      .where('id', '=', task.asset_id)
      .execute()
  }
}
