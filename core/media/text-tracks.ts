import type { SubtitleInfo } from './media-info.ts'
import type { Purpose } from './purpose.ts'
import { trackLabels } from './track-labels.ts'

/** One text rendition of a video, as one WebVTT file. */
export type TextTrack = {
  /** Folder and group member: `text-1`, `text-2` … */
  name: string
  index: number
  label: string
  language?: string
} & Purpose

/** What became of it: a file below the generation's prefix. */
export type TextFile = { track: TextTrack; key: string; bytes: number }

/** By ffprobe's name. Subtitles that are pictures (PGS, DVD, DVB) stay out. */
const textCodecs = new Set(['mov_text', 'subrip', 'srt', 'ass', 'ssa', 'webvtt', 'text'])

const maxTracks = 16

/** Which subtitles become renditions. None is shown unless chosen: most containers flag the first as default whether it was meant or not. */
export function textTracks(subtitles: readonly SubtitleInfo[]): TextTrack[] {
  const texts = subtitles.filter(({ codec }) => codec !== undefined && textCodecs.has(codec)).slice(0, maxTracks)
  const labels = trackLabels(texts, 'Subtitles')
  return texts.map(({ index, language, hearingImpaired, forced, commentary }, n) => ({
    name: `text-${n + 1}`,
    index,
    label: labels[n] ?? `Subtitles ${n + 1}`,
    ...(language === undefined ? {} : { language }),
    ...(hearingImpaired && { hearingImpaired }),
    ...(forced && { forced }),
    ...(commentary && { commentary }),
  }))
}
