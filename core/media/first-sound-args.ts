import { inputArgs } from './ffmpeg-args.ts'

/** So much of a file is heard for all of them together: one that is broken gives nothing, however long ffmpeg waits for it. */
const togetherSeconds = 20

/** ffmpeg's arguments for the first bit of some sound tracks: it prints a line for each that gives one. */
export function firstSoundArgs({ sourcePath, indexes }: { sourcePath: string; indexes: readonly number[] }): string[] {
  return [
    ...inputArgs({ path: sourcePath, ...(indexes.length > 1 ? { length: togetherSeconds } : {}) }),
    ...indexes.flatMap((index) => ['-map', `0:${index}`]),
    // Not `-frames:a`: the first track that has its frame would end all of them.
    ...['-af', 'atrim=end_sample=1', '-ac', '1', '-f', 'framecrc', 'pipe:1'],
  ]
}

/** Which of them, by their place among those that were asked for. */
export function soundsHeard(printed: string): Set<number> {
  const lines = printed.split('\n').filter((line) => /^\d+,/.test(line))
  return new Set(lines.map((line) => Number.parseInt(line, 10)))
}
