import { inputArgs } from './ffmpeg-args.ts'

/** A recording as one AAC file that starts while it loads. One channel stays one; more than two are mixed down to two. */
export function m4aArgs(options: {
  sourcePath: string
  index: number
  channels: number | undefined
  bitrate: number
  file: string
}): string[] {
  const { sourcePath, index, channels, bitrate, file } = options
  return [
    ...inputArgs({ path: sourcePath }),
    ...['-map', `0:${index}`, '-vn', '-sn', '-dn', '-map_metadata', '-1', '-map_chapters', '-1'],
    ...['-c:a', 'aac', '-b:a', String(bitrate), '-ar', '48000', '-ac', channels === 1 ? '1' : '2'],
    ...['-movflags', '+faststart', '-f', 'mp4', `file:${file}`],
  ]
}
