import { constants } from 'node:os'
import { type ErrorCode, SluiceError } from '../../core/errors.ts'
import type { Ended } from './process.ts'

/** What ffmpeg's own words mean for the file; the first that matches counts. */
const meanings: [RegExp, ErrorCode][] = [
  [/No space left on device/i, 'no_space'],
  // It goes on to say that memory could not be allocated.
  [/max_streams/i, 'unsafe_media'],
  [
    /Cannot allocate memory|malloc of size \d+ failed|failed to map segment|Resource temporarily unavailable|File too large|out of memory/i,
    'resource_limit',
  ],
  [/Format not on whitelist|Protocol .* not on whitelist/i, 'unsupported_container'],
  [/Codec \(.*\) not on whitelist|Decoder .* not found|no decoder found/i, 'unsupported_codec'],
  [/exceeds specified max pixel count|Picture size \d+x\d+ is invalid/i, 'too_many_pixels'],
  [/No such filter|Unknown encoder|Encoder not found|Unrecognized option|Option .* not found/i, 'unavailable'],
  [/moov atom not found|Invalid data found when processing input|EBML header parsing failed/i, 'corrupt_media'],
  // Its other last words, "Conversion failed", follow every failure and mean nothing for the file.
  [/does not contain any stream|matches no streams|partial file|Cannot determine format of input/i, 'corrupt_media'],
]

/** What ended a child: a room tells the signal as a shell does, by a number past 128. */
export function signalOf({ code, signal }: Pick<Ended, 'code' | 'signal'>): string | undefined {
  if (signal !== null) return signal
  return Object.entries(constants.signals).find(([, number]) => number + 128 === code)?.[0]
}

/** The error for a child that did not end well; undefined for one that did. */
export function failureOf(options: {
  program: string
  ended: Ended
  stderrTail: string
  signal?: AbortSignal | undefined
}): Error | undefined {
  const { program, ended, stderrTail, signal } = options
  if (ended.stopped === 'aborted') return abortReason(signal)
  const message = `${program} ended with ${signalOf(ended) ?? ended.code}: ${stderrTail}`
  if (ended.stopped === 'stalled') return new SluiceError('encoder_stalled', { message })
  if (ended.stopped === 'wall') return new SluiceError('resource_limit', { message: `past its time: ${message}` })
  if (ended.stopped === 'output') return new SluiceError('resource_limit', { message: `too much output: ${message}` })
  if (ended.code === 0) return undefined
  // SIGKILL that we did not send is the kernel's, out of memory; the other two are the limits on time and file size.
  if (/^SIG(KILL|XCPU|XFSZ)$/.test(signalOf(ended) ?? '')) return new SluiceError('resource_limit', { message })
  const code = meanings.find(([pattern]) => pattern.test(stderrTail))?.[1]
  return new SluiceError(code ?? (program === 'ffprobe' ? 'corrupt_media' : 'encoder_failed'), { message })
}

function abortReason(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason
  return reason instanceof Error ? reason : new DOMException('The work was stopped', 'AbortError')
}
