import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SluiceError } from '../../core/errors.ts'
import type { MediaInfo } from '../../core/media/media-info.ts'
import type { StoryboardPlan } from '../../core/media/storyboard.ts'
import { layOut, storyboardVtt } from '../../core/media/storyboard-sheets.ts'
import { keyframeShare } from '../edges/ffprobe-keyframes.ts'
import type { MediaTools } from '../edges/tools.ts'
import { publishStills, type StillBench, type StillOutput } from '../image/publish-stills.ts'
import type { PutFile } from '../task.ts'
import { chooseTiles } from './storyboard-choose.ts'
import { pictureSearch } from './storyboard-pictures.ts'
import { renderSheet } from './storyboard-sheet.ts'

export type Storyboard = {
  sprites: StillOutput[]
  vtt: { key: string; bytes: number; sha256: string }
  interval: number
  tiles: number
}

/** The sprites and the WebVTT of a video's storyboard. Costs a few per cent of encoding it, at any length. */
export async function makeStoryboard(options: {
  info: MediaInfo
  plan: StoryboardPlan
  sourcePath: string
  tools: MediaTools
  bench: StillBench
  put: PutFile
}): Promise<Storyboard> {
  const { info, plan, sourcePath, tools, bench, put } = options
  const { video } = info
  if (!video) throw new SluiceError('no_media_streams', { message: 'A storyboard was asked of a file without video' })
  const { scratch: cwd, signal } = bench
  const { interval, tiles } = await chooseTiles({
    ...{ video, plan, signal },
    search: pictureSearch({ video, plan, sourcePath, tools, bench }),
    keyframeShare: await keyframeShare({ tools, path: sourcePath, cwd, signal, index: video.index }),
  })
  const sheets = layOut({ count: tiles.length, tile: plan })
  const sprites: StillOutput[] = []
  // One after the other, so that only one sheet is in memory.
  for (const sheet of sheets) {
    signal.throwIfAborted()
    const rendered = await renderSheet({ sheet, size: plan, pictures: tiles })
    sprites.push(...(await publishStills({ rendered: [rendered], bench, put })))
  }
  const path = join(bench.scratch, 'storyboard.vtt')
  await writeFile(path, storyboardVtt({ sheets, size: plan, interval, duration: plan.duration }), { signal })
  bench.guard()
  return { sprites, vtt: await put('storyboard/storyboard.vtt', path), interval, tiles: tiles.length }
}
