import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { SluiceError } from '../../core/errors.ts'
import { cleanSubtitles, maxRawBytes, rawFile, subtitleArgs } from '../../core/media/subtitles.ts'
import type { TextFile, TextTrack } from '../../core/media/text-tracks.ts'
import type { VideoPlan } from '../../core/media/video-plan.ts'
import { faultsOfTheFile } from '../edges/faults-of-the-file.ts'
import { runFfmpeg } from '../edges/ffmpeg.ts'
import type { MediaTools } from '../edges/tools.ts'
import type { PutFile, Workbench } from '../task.ts'
import { encodeLimits } from '../video/encode-segments.ts'

type Options = {
  plan: VideoPlan
  attempt: number
  sourcePath: string
  tools: MediaTools
  bench: Workbench
  put: PutFile
}

/** Every text track that can be read, as one WebVTT file each. One that cannot is left out: a film without it is still a film. */
export async function convertSubtitles(options: Options): Promise<TextFile[]> {
  const { plan, attempt, bench, put } = options
  const files: TextFile[] = []
  await mkdir(folderOf(bench), { recursive: true })
  for (const track of await extract(options, plan.texts ?? [])) {
    const raw = await readFile(rawFile(folderOf(bench), track.name), 'utf8')
    const text = cleanSubtitles({ raw, plan })
    if (text === undefined) {
      bench.log.warn({ track: track.name, bytes: raw.length }, 'a text track is left out: nothing to read, or too much')
      continue
    }
    const file = path.join(folderOf(bench), `${track.name}.vtt`)
    await writeFile(file, text)
    const key = `hls/${track.name}/${attempt}.vtt`
    const { bytes } = await put(key, file)
    files.push({ track, key, bytes })
  }
  return files
}

/** All tracks in one reading of the source; where that fails, each alone, so that one bad track takes no other with it. */
async function extract(options: Options, tracks: readonly TextTrack[]): Promise<readonly TextTrack[]> {
  const { sourcePath, tools, bench, plan } = options
  if (tracks.length === 0) return []
  try {
    await runFfmpeg({
      tools,
      args: subtitleArgs({ sourcePath, tracks, folder: folderOf(bench) }),
      cwd: bench.scratch,
      signal: bench.signal,
      // Between two subtitles nothing grows, however fast the reading goes.
      stallMs: 2 ** 31 - 1,
      limits: { ...encodeLimits({ seconds: plan.duration, pixels: 0 }), fileBytes: maxRawBytes },
    })
    return tracks
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error
    // Too much text ends ffmpeg by the limit on the size of its files.
    if (!faultsOfTheFile.has(error.code) && error.code !== 'resource_limit') throw error
    const [track] = tracks
    if (tracks.length > 1) {
      const readable: TextTrack[] = []
      for (const one of tracks) readable.push(...(await extract(options, [one])))
      return readable
    }
    bench.log.warn({ err: error, track: track?.name }, 'a text track is left out: it cannot be read')
    return []
  }
}

const folderOf = (bench: Workbench) => path.join(bench.scratch, 'text')
