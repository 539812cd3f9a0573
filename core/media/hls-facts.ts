/** One finished segment, as its own bytes describe it. */
export type SegmentFact = {
  /** Below the generation's prefix. */
  key: string
  number: number
  bytes: number
  start: number
  seconds: number
  /** Pictures in video, AAC frames in audio. */
  frames: number
}

export type InitFact = { key: string; sha256: string; bytes: number; codec: string }

/** One rendition, pictures or sound, as far as it is made; its segments in order. */
export type Track = { name: string; init: InitFact; segments: SegmentFact[] }

/** What a viewer of this track fetches in all. */
export const trackBytes = (track: Track | undefined) =>
  (track?.segments ?? []).reduce((sum, { bytes }) => sum + bytes, 0)

/** The segments that lie together from the first one on: all that a playlist may show. */
export function unbroken(segments: readonly SegmentFact[]): SegmentFact[] {
  const hole = segments.findIndex((segment, n) => segment.number !== n)
  return segments.slice(0, hole < 0 ? undefined : hole)
}

/** How many segments of a track lie together from this number on. */
export function leading({ tracks, name, from }: { tracks: readonly Track[]; name: string; from: number }): number {
  const numbers = new Set(tracks.find((track) => track.name === name)?.segments.map(({ number }) => number))
  let count = 0
  while (numbers.has(from + count)) count++
  return count
}
