import { SluiceError } from '../../core/errors.ts'
import type { TaskRun } from '../house.ts'

const measured = ['thumbnail', 'poster', 'storyboard', 'image', 'audio', 'video', 'waveform', 'mp4']

/** Before readers are sent there: every picture, sound and original that the rows promise lies in storage, at its size. */
export async function checkStored({ task, house, bench }: TaskRun): Promise<void> {
  const rows = await house.db
    .selectFrom('outputs')
    .select(['storage_key', 'bytes'])
    .where('asset_id', '=', task.asset_id)
    .where('generation', '=', task.generation)
    .where('role', 'in', measured)
    .execute()
  const found = await Promise.all(rows.map((row) => bench.storage.head(row.storage_key)))
  const wrong = rows.filter((row, at) => found[at]?.bytes !== row.bytes)
  if (wrong.length > 0)
    throw new SluiceError('output_invalid', {
      message: `not in storage as written: ${wrong.map((row) => row.storage_key).join(', ')}`,
    })
}
