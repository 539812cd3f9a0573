import type { VideoOutcome } from '../../fixtures/hard/hard-file.ts'
import { decodeSound, soundRate, streamOf } from './decode.ts'
import type { Sound, Track } from './presentation.ts'

type Options = {
  sounds: readonly Sound[]
  wanted: VideoOutcome['sound']
  picture: Track | undefined
  seconds: number
}

/** What is wrong with the sound beside pictures: tracks, form, length, and where it begins against the first picture. */
export async function judgeSound({ sounds, wanted, picture, seconds }: Options): Promise<string[]> {
  const { tracks = wanted === undefined ? 0 : 1, languages, onset = 0 } = wanted ?? {}
  const faults: string[] = []
  if (sounds.length !== tracks) faults.push(`${sounds.length} sound tracks, not ${tracks}`)
  if (languages && JSON.stringify(sounds.map(({ language }) => language)) !== JSON.stringify(languages))
    faults.push(`languages ${sounds.map(({ language }) => language)}, not ${languages}`)
  for (const sound of sounds) {
    const stream = await streamOf(sound.file)
    const form = `${stream['codec_name']} ${stream['profile']} ${stream['sample_rate']} Hz ${stream['channels']}`
    if (form !== 'aac LC 48000 Hz 2') faults.push(`sound is ${form}`)
    const start = Number(stream['start_time']) - Number(picture && (await streamOf(picture.file))['start_time'])
    if (Math.abs(start) > 0.06) faults.push(`sound starts ${start.toFixed(3)} s from the first picture`)
    const samples = await decodeSound(sound.file)
    const heard = onsetOf(samples) + start
    if (!wanted?.silent && !(Math.abs(heard - onset) <= 0.05))
      faults.push(`the tone begins at ${heard.toFixed(3)} s, not ${onset}`)
    const length = wanted?.seconds ?? seconds
    if (Math.abs(samples.length / soundRate - length) > 0.1)
      faults.push(`${samples.length / soundRate} s of sound, not ${length}`)
  }
  return faults
}

/** When the tone is first heard, in seconds. */
export function onsetOf(samples: Int16Array): number {
  const at = samples.findIndex((sample) => Math.abs(sample) > 500)
  return at < 0 ? Number.NaN : at / soundRate
}
