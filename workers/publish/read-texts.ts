import { z } from 'zod'
import type { Database } from '../../core/db/open.ts'
import { finishedTask } from '../../core/db/tasks.ts'
import type { TextFile } from '../../core/media/text-tracks.ts'
import type { VideoPlan } from '../../core/media/video-plan.ts'

const resultSchema = z.object({
  files: z.array(z.object({ track: z.string(), key: z.string(), bytes: z.int().positive() })),
})

/** The text tracks that came of the plan's; undefined until that is known. */
export async function readTexts(
  db: Database,
  { plan, ...asset }: { id: string; generation: number; plan: VideoPlan },
): Promise<TextFile[] | undefined> {
  const planned = plan.texts ?? []
  if (planned.length === 0) return []
  const done = await finishedTask(db, { ...asset, key: 'subtitles' })
  if (done === undefined) return undefined
  const { files } = resultSchema.parse(done.result)
  return planned.flatMap((track) =>
    files.filter((file) => file.track === track.name).map(({ key, bytes }) => ({ track, key, bytes })),
  )
}
