import type { Row } from './threat.ts'

/** B10 to B17: what a file may try with ffmpeg. */
export const mediaThreats: Row[] = [
  {
    id: 'B10',
    input: 'playlists that name other files, DASH manifests, concat lists, all called .mp4',
    outcome: 'stopped by the list of formats in ffprobe and ffmpeg alike, and by the first bytes before both',
    code: 'unsupported_container',
    proof:
      'workers/edges/hostile.test.ts › %s is stopped by the format whitelist: by ffprobe, by ffmpeg, and by its first bytes',
  },
  {
    id: 'B11',
    input: 'text, subtitles, manifests and drawings by their first bytes',
    outcome: 'not accepted',
    code: 'unsupported_container',
    proof: 'core/media/sniff.test.ts › %s is not accepted',
  },
  {
    id: 'B12',
    input: 'a file name that ffmpeg takes for a protocol or an option',
    outcome: 'ffmpeg is handed paths of ours alone, behind file:, in a list of arguments',
    proof: 'core/media/ffmpeg-args.test.ts › the path %s is refused',
  },
  {
    id: 'B13',
    input: 'any file at all',
    outcome: 'opened behind lists of protocols, formats and codecs, and limits on streams, pixels and probing',
    proof: 'core/media/ffmpeg-args.test.ts › every input is opened behind all the safety options, as a file',
  },
  {
    id: 'B14',
    input: 'a title with words of filters or of a shell',
    outcome: 'nothing of a stranger’s stands in an argument',
    proof:
      'core/media/subtitles.test.ts › all tracks come out of one reading of the source, with nothing of a stranger’s in the arguments',
  },
  {
    id: 'B15',
    input: 'absurd numbers in headers, and output of ffprobe that is not what it should be',
    outcome: 'facts without NaN, or a reason to refuse',
    proof:
      'core/media/parse-probe.test.ts › whatever ffprobe prints, the answer is facts without NaN or a reason to refuse',
  },
  {
    id: 'B15',
    input: 'a thousand hours claimed by a file of seconds',
    outcome: 'refused before anything is decoded',
    code: 'too_long',
    proof:
      'workers/audio/hostile-sound.test.ts › a header that claims a thousand hours in a file of seconds is refused once, before anything is decoded',
  },
  {
    id: 'B16',
    input: 'a file that decodes for ever, or makes no progress',
    outcome: 'ended, even where it does not hear SIGTERM',
    code: 'encoder_stalled',
    proof:
      'workers/edges/ffmpeg.test.ts › an encoder that waits for ever is ended, even where it does not hear SIGTERM',
  },
  {
    id: 'B17',
    input: 'a decoder that was taken over: the network',
    outcome: 'there is none but an idle loopback',
    proof: 'workers/edges/tools.test.ts › inside the sandbox there is no network but an idle loopback',
  },
  {
    id: 'B17',
    input: 'the same: keys in the environment',
    outcome: 'it sees nothing of ours',
    proof: 'workers/edges/process.test.ts › a child sees nothing of our environment',
  },
  {
    id: 'B17',
    input: 'the same: memory',
    outcome: 'no more than it was given',
    proof: 'workers/edges/tools.test.ts › inside the sandbox a child gets no more memory than it may have',
  },
  {
    id: 'B17',
    input: 'the same: files',
    outcome: 'none larger than its limit',
    code: 'resource_limit',
    proof: 'workers/edges/ffmpeg.test.ts › a file larger than its limit is not written',
  },
  {
    id: 'B17',
    input: 'a machine without a part of the sandbox',
    outcome: 'works without it, and the worker names it at its start',
    proof: 'workers/edges/tools.test.ts › what a machine cannot put around a child is left out, and named',
  },
]
