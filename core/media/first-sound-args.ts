import { inputArgs } from './ffmpeg-args.ts'

/** ffmpeg's arguments for the first bit of one sound track, as bare samples on its standard output. */
export function firstSoundArgs({ sourcePath, index }: { sourcePath: string; index: number }): string[] {
  return [
    ...inputArgs({ path: sourcePath }),
    ...['-map', `0:${index}`, '-frames:a', '1', '-ac', '1', '-f', 's16le', 'pipe:1'],
  ]
}
