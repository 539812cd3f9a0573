import { fileUrl, ownInputArgs, seconds } from './ffmpeg-args.ts'
import { baseOf, type VideoPlan } from './video-plan.ts'

type Options = {
  plan: VideoPlan
  /** The first sound track, as one fragmented file on local disk. */
  sound: string | undefined
  file: string
}

/**
 * ffmpeg's arguments for a progressive MP4 of pictures that come in by its standard input: nothing is encoded. Both
 * inputs stand on the segments' timeline and are moved down by its base, so that they stay together to the sample;
 * what an encoder needs before the first picture or sound is skipped by an edit list.
 */
export function mp4Args({ plan, sound, file }: Options): string[] {
  const shift = ['-itsoffset', seconds(-baseOf(plan))]
  return [
    ...['-copyts', ...shift, ...ownInputArgs('pipe:0')],
    ...(sound ? [...shift, ...ownInputArgs(fileUrl(sound))] : []),
    ...['-map', '0:v:0', ...(sound ? ['-map', '1:a:0'] : []), '-c', 'copy'],
    ...['-map_metadata', '-1', '-map_chapters', '-1', '-fflags', '+bitexact'],
    ...['-movflags', '+faststart', '-f', 'mp4', fileUrl(file)],
  ]
}
