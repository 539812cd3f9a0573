import { SluiceError } from '../../core/errors.ts'
import { firstSoundArgs } from '../../core/media/first-sound-args.ts'
import type { AudioInfo } from '../../core/media/media-info.ts'
import { faultsOfTheFile } from '../edges/faults-of-the-file.ts'
import { runFfmpegToBuffer } from '../edges/ffmpeg.ts'
import type { MediaTools } from '../edges/tools.ts'

type Options = { tracks: AudioInfo[]; sourcePath: string; tools: MediaTools; cwd: string; signal: AbortSignal }

/** Far above one frame of any codec. */
const maxBytes = 8 * 2 ** 20

/**
 * Of several sound tracks those that give a sound, so that a broken one among many languages does not cost the film.
 * Where none does, all stay: then the film is at fault, and the encoder says how.
 */
export async function readableSound({ tracks, ...options }: Options): Promise<AudioInfo[]> {
  if (tracks.length < 2) return tracks
  const readable: AudioInfo[] = []
  // Asked twice before it counts as broken: the machine may have had a bad moment.
  for (const track of tracks)
    if ((await givesSound(track, options)) || (await givesSound(track, options))) readable.push(track)
  return readable.length > 0 ? readable : tracks
}

async function givesSound({ index }: AudioInfo, options: Omit<Options, 'tracks'>): Promise<boolean> {
  const { sourcePath, ...run } = options
  try {
    const samples = await runFfmpegToBuffer({ ...run, args: firstSoundArgs({ sourcePath, index }), maxBytes })
    return samples.length > 0
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error
    // Out of time or memory is no verdict on the track.
    if (error.code === 'resource_limit') return true
    if (faultsOfTheFile.has(error.code)) return false
    throw error
  }
}
