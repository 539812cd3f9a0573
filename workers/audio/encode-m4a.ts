import path from 'node:path'
import { writeOutputs } from '../../core/db/outputs.ts'
import { SluiceError } from '../../core/errors.ts'
import { m4aArgs } from '../../core/media/m4a-args.ts'
import type { MediaInfo } from '../../core/media/media-info.ts'
import { contentTypeFor } from '../../core/storage/content-types.ts'
import { runFfmpeg } from '../edges/ffmpeg.ts'
import type { Outcome, TaskRun } from '../house.ts'
import { publishAfter } from '../publish/publish-after.ts'
import { encodeLimits } from '../video/encode-segments.ts'

/** A recording's first sound track as `audio.m4a`. */
export async function encodeM4a({
  run,
  info,
  sourcePath,
}: {
  run: TaskRun
  info: MediaInfo
  sourcePath: string
}): Promise<Outcome> {
  const { task, bench, put, house } = run
  const [track] = info.audio
  if (track === undefined) throw new SluiceError('no_media_streams', { message: 'a recording without a sound track' })
  const file = path.join(bench.scratch, 'audio.m4a')
  const seconds = info.duration ?? 0
  await runFfmpeg({
    tools: house.tools,
    args: m4aArgs({ sourcePath, index: track.index, channels: track.channels, bitrate: 128_000, file }),
    cwd: bench.scratch,
    signal: bench.signal,
    onProgress: (made) => bench.progress(seconds > 0 && made.seconds !== undefined ? made.seconds / seconds : 0),
    limits: encodeLimits({ seconds, pixels: 0 }),
  })
  const stored = await put('audio/audio.m4a', file)
  const facts = { format: 'm4a' }
  const output = { role: 'audio', name: 'm4a', contentType: contentTypeFor(stored.key), facts, ...stored } as const
  const generation = { id: task.asset_id, generation: task.generation }
  return { result: { bytes: stored.bytes }, write: publishAfter(run, (trx) => writeOutputs(trx, generation, [output])) }
}
