/** EBU R128: how loud the whole is (LUFS), how much that varies (LU), and its highest peak between samples (dBTP). */
export type Loudness = { integrated: number; range: number; truePeak: number }

/** The meter's own floor: what stays below it is silence, and has no loudness. */
const silence = -70

/** Reads the last complete report in the lines that ffmpeg's `ebur128` writes as metadata; undefined for silence, or where nothing was said. */
export function parseLoudness(lines: string): Loudness | undefined {
  const last = (key: string) => [...lines.matchAll(new RegExp(`^lavfi\\.r128\\.${key}=(\\S+)$`, 'gm'))].at(-1)?.[1]
  const [integrated, range, peak] = ['I', 'LRA', 'true_peak'].map((key) => numberOf(last(key)))
  if (integrated === undefined || range === undefined || peak === undefined) return undefined
  if (integrated <= silence || peak <= 0) return undefined
  return { integrated: tenth(integrated), range: tenth(range), truePeak: tenth(20 * Math.log10(peak)) }
}

const numberOf = (text: string | undefined) => {
  const value = text === undefined || text === '' ? Number.NaN : Number(text)
  return Number.isFinite(value) ? value : undefined
}
const tenth = (value: number) => Math.round(value * 10) / 10

/** Peaks stay below this: what decodes from AAC overshoots a little. */
export const peakCeiling = -1
/** Nobody gains from more: it would be noise that is raised. */
const mostGain = 30

/** By how many decibels sound is raised or lowered to be as loud as wished, and whether its peaks must then be held down. */
export function gainTo({ target, loudness }: { target: number; loudness: Loudness }): { gain: number; limit: boolean } {
  const gain = tenth(Math.min(mostGain, target - loudness.integrated))
  return { gain, limit: gain > 0 && loudness.truePeak + gain > peakCeiling }
}
