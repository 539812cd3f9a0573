import type { ErrorCode } from '../../core/errors.ts'

/** What a file is to blame for when ffmpeg fails over one of its tracks: another try would most likely end the same way. */
export const faultsOfTheFile: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'corrupt_media',
  'unsupported_codec',
  'unsupported_container',
  'unsafe_media',
  'encoder_failed',
])
