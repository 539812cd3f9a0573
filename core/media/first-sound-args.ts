import { inputArgs } from './ffmpeg-args.ts'

/** ffmpeg's arguments for the first bit of some sound tracks: it prints a line for each that gives one. */
export function firstSoundArgs({ sourcePath, indexes }: { sourcePath: string; indexes: readonly number[] }): string[] {
  return [
    ...inputArgs({ path: sourcePath }),
    ...indexes.flatMap((index) => ['-map', `0:${index}`]),
    // Not `-frames:a`: the first track that has its frame would end all of them.
    ...['-af', 'atrim=end_sample=1', '-ac', '1'],
    // From ffmpeg 7 on one track of errors alone would make a failure of it, and nobody would hear of the others.
    ...['-max_error_rate', '1', '-f', 'framecrc', 'pipe:1'],
  ]
}

/** Which of them, by their place among those that were asked for. */
export function soundsHeard(printed: string): Set<number> {
  const lines = printed.split('\n').filter((line) => /^\d+,/.test(line))
  return new Set(lines.map((line) => Number.parseInt(line, 10)))
}
