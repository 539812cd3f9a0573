import { fileUrl, safetyArgs, seconds } from './ffmpeg-args.ts'

/** A piece of what was made that is to be decoded: from a keyframe at `from` on, for `length` at most. */
export type Sample = { file: string; media: 'video' | 'audio'; from?: number; length?: number }

/** ffmpeg's arguments to decode samples of our own outputs in one go: it stops at the first fault, and prints a line for each picture. */
export function checkArgs(samples: readonly Sample[]): string[] {
  return [
    ...['-xerror', '-copyts'],
    ...samples.flatMap(({ file, from, length }) => [
      // Smoothing the edges of blocks costs a quarter of a decode, and cannot fail.
      ...[...safetyArgs(), '-err_detect', 'explode', '-skip_loop_filter', 'all'],
      ...(from === undefined ? [] : ['-noaccurate_seek', '-ss', seconds(from)]),
      ...(length === undefined ? [] : ['-t', seconds(length)]),
      ...['-i', fileUrl(file)],
    ]),
    ...samples.flatMap(({ media }, n) => ['-map', `${n}:${media === 'video' ? 'v' : 'a'}:0`]),
    ...['-fps_mode', 'passthrough', '-f', 'framecrc', 'pipe:1'],
  ]
}

/** What came out of one sample: pictures or pieces of sound, and the times of the first and the last in seconds. */
export type Decoded = { count: number; first?: number; last?: number; width?: number; height?: number; rate?: number }

/** Reads what `framecrc` prints, by sample. */
export function readDecoded(text: string, samples: number): Decoded[] {
  const decoded = Array.from({ length: samples }, (): Decoded & { tick: number } => ({ count: 0, tick: Number.NaN }))
  for (const line of text.split('\n')) {
    const [, name, at, value = ''] = /^#(\w+) (\d+): (.+)$/.exec(line) ?? []
    const one = decoded[Number(at)]
    if (one && name === 'tb') one.tick = fraction(value)
    if (one && name === 'dimensions') Object.assign(one, size(value))
    if (one && name === 'sample_rate') one.rate = Number(value)
    const [, stream, pts] = /^(\d+),\s*-?\d+,\s*(-?\d+),/.exec(line) ?? []
    const frame = decoded[Number(stream)]
    if (!frame || pts === undefined) continue
    const time = Number(pts) * frame.tick
    frame.count += 1
    frame.first = Math.min(frame.first ?? time, time)
    frame.last = Math.max(frame.last ?? time, time)
  }
  return decoded.map(({ tick: _, ...rest }) => rest)
}

function fraction(text: string): number {
  const [num, den] = text.split('/').map(Number)
  return (num ?? Number.NaN) / (den ?? Number.NaN)
}

function size(text: string): Pick<Decoded, 'width' | 'height'> {
  const [width = Number.NaN, height = Number.NaN] = text.split('x').map(Number)
  return { width, height }
}
