import { SluiceError } from '../../core/errors.ts'
import { firstSoundArgs, soundsHeard } from '../../core/media/first-sound-args.ts'
import type { AudioInfo } from '../../core/media/media-info.ts'
import { faultsOfTheFile } from '../edges/faults-of-the-file.ts'
import { runFfmpegToBuffer } from '../edges/ffmpeg.ts'
import type { MediaTools } from '../edges/tools.ts'

type Options = { tracks: AudioInfo[]; sourcePath: string; tools: MediaTools; cwd: string; signal: AbortSignal }

/** For all together: one that is broken, or begins late, has ffmpeg read on to the end. Then each is asked alone, as long as it takes. */
const togetherMs = 10_000
/** Far above a line for each track. */
const maxBytes = 2 ** 20

/**
 * Of several sound tracks those that give a sound, so that a broken one among many languages does not cost the film.
 * Where none does, all stay: then the film is at fault, and the encoder says how.
 */
export async function readableSound({ tracks, ...options }: Options): Promise<AudioInfo[]> {
  if (tracks.length < 2) return tracks
  const heard = await giveSound(tracks, options)
  const readable: AudioInfo[] = []
  // Asked again, alone, before it counts as broken: another may have been, or the machine had a bad moment.
  for (const [at, track] of tracks.entries())
    if (heard.has(at) || (await givesSound(track, options)) || (await givesSound(track, options))) readable.push(track)
  return readable.length > 0 ? readable : tracks
}

const givesSound = async (track: AudioInfo, options: Omit<Options, 'tracks'>) =>
  (await giveSound([track], options)).size > 0

/** Which of them do, by their places. */
async function giveSound(tracks: AudioInfo[], { sourcePath, ...run }: Omit<Options, 'tracks'>): Promise<Set<number>> {
  const args = firstSoundArgs({ sourcePath, indexes: tracks.map(({ index }) => index) })
  const together = tracks.length > 1
  const limits = together ? { wallMs: togetherMs } : {}
  try {
    return soundsHeard((await runFfmpegToBuffer({ ...run, args, limits, maxBytes })).toString())
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error
    // Out of time or memory is no verdict on a track.
    if (error.code === 'resource_limit') return together ? new Set() : new Set([0])
    if (faultsOfTheFile.has(error.code)) return new Set()
    throw error
  }
}
