import { inputArgs } from './ffmpeg-args.ts'

/** The bytes of an attached picture as they are, undecoded: what decodes pictures here is not ffmpeg. */
export const coverArgs = ({ sourcePath, index }: { sourcePath: string; index: number }): string[] => [
  ...inputArgs({ path: sourcePath }),
  ...['-map', `0:${index}`, '-c', 'copy', '-frames:v', '1', '-f', 'image2pipe', 'pipe:1'],
]
