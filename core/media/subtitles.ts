import { cueText } from './cue-text.ts'
import { inputArgs } from './ffmpeg-args.ts'
import type { TextTrack } from './text-tracks.ts'
import { baseOf, type VideoPlan } from './video-plan.ts'
import { type Cue, readWebVtt, writeWebVtt } from './webvtt.ts'

/** What one track may come to. More is no text to read, but an attack on whoever has to parse it. */
const maxCues = 20_000
const maxBytes = 4 * 2 ** 20

/** ffmpeg may write this much for one track before it is stopped. */
export const maxRawBytes = 16 * 2 ** 20

type Wanted = { sourcePath: string; tracks: readonly TextTrack[]; folder: string }

/** ffmpeg's arguments for several text tracks at once, in the container's own time: the source is read once. */
export function subtitleArgs({ sourcePath, tracks, folder }: Wanted): string[] {
  return [
    ...inputArgs({ path: sourcePath, keepTimes: true }),
    ...tracks.flatMap(({ index, name }) => [
      ...['-map', `0:${index}`, '-c:s', 'webvtt', '-map_metadata', '-1', '-map_chapters', '-1'],
      ...['-avoid_negative_ts', 'disabled', '-f', 'webvtt', rawFile(folder, name)],
    ]),
  ]
}

export const rawFile = (folder: string, name: string) => `${folder}/${name}.raw.vtt`

/** The track as it is served, or undefined where nothing is left to read, or too much. */
export function cleanSubtitles({ raw, plan }: { raw: string; plan: VideoPlan }): string | undefined {
  const cues = joined(readWebVtt(raw).flatMap((cue) => within(plan, cue)))
  if (cues.length === 0 || cues.length > maxCues) return undefined
  const file = writeWebVtt({ cues, base: baseOf(plan) })
  return Buffer.byteLength(file) > maxBytes ? undefined : file
}

/** On the pictures' own time, and only while there are pictures. */
function within({ origin, duration }: VideoPlan, cue: Cue): Cue[] {
  const start = Math.max(0, cue.start - origin)
  const end = Math.min(duration, cue.end - origin)
  const text = cueText(cue.text)
  return text === '' || end - start < 0.001 ? [] : [{ ...cue, start, end, text }]
}

/** Words that were written anew for every frame of an effect are shown once. */
function joined(cues: Cue[]): Cue[] {
  const kept: Cue[] = []
  for (const cue of cues.toSorted((a, b) => a.start - b.start)) {
    const last = kept.at(-1)
    const goesOn = last?.text === cue.text && last.settings === cue.settings && cue.start - last.end < 0.05
    if (last && goesOn) last.end = Math.max(last.end, cue.end)
    else kept.push(cue)
  }
  return kept
}
