import type { Row } from './threat.ts'

/** B10 to B17: what a file may try with ffmpeg. */
export const mediaThreats: Row[] = [
  {
    id: 'B10',
    input:
      'playlists called .mp4 that name a film, a text, an address, a key, an init segment, by file:, http:, tcp:, gopher:, data:, subfile:, concat: and crypto:',
    outcome: 'refused by their first bytes; behind an ID3 tag, by which they pass for MP3, by the list of formats',
    code: 'unsupported_container',
    proof: 'test/hostile.test.ts › $threat $name: $what',
  },
  {
    id: 'B10',
    input: 'the same, given to ffprobe and ffmpeg at once',
    outcome: 'stopped by the list of formats',
    code: 'unsupported_container',
    proof:
      'workers/edges/hostile.test.ts › %s is stopped by the format whitelist: by ffprobe, by ffmpeg, and by its first bytes',
  },
  {
    id: 'B10',
    input: 'all hostile files together: the text of somebody else’s file',
    outcome: 'in no output, row or line',
    proof: 'test/hostile.test.ts › bring nothing of another file into any output, row or line',
  },
  {
    id: 'B10',
    input: 'all hostile files together, with the network left to ffmpeg',
    outcome: 'not one connection',
    proof: 'test/hostile.test.ts › make nobody connect to anything',
  },
  {
    id: 'B11',
    input:
      'concat lists, SDP, DASH, IMF, WebVTT, ASS, VobSub, text for terminals, XBIN, FFMETADATA, SVG, graphs of filters',
    outcome: 'refused by their first bytes; behind an ID3 tag by the list of formats, or as noise',
    code: 'unsupported_container',
    proof: 'test/hostile.test.ts › $threat $name: $what',
  },
  {
    id: 'B11',
    input: 'AVI with a playlist or drawn text where its subtitles are',
    outcome: 'a film; what lies beside its pictures is not opened',
    proof: 'test/hostile.test.ts › $threat $name: $what',
  },
  {
    id: 'B11',
    input: 'QuickTime whose pictures lie in another file (dref)',
    outcome: 'nothing of the other file is read',
    code: 'corrupt_media',
    proof: 'test/hostile.test.ts › $threat $name: $what',
  },
  {
    id: 'B12',
    input:
      'film and picture called concat:a|b, -y.mp4, -i, --, a%03d.jpg, $(touch x), a\\nb, ../../etc/cron.d/x, four thousand letters',
    outcome: 'taken like any other: a name is data',
    proof: 'test/hostile.test.ts › $threat $name: $what',
  },
  {
    id: 'B12',
    input: 'a path that is not ours, in an argument',
    outcome: 'ffmpeg is handed absolute paths of ours alone, behind file:',
    proof: 'core/media/ffmpeg-args.test.ts › the path %s is refused',
  },
  {
    id: 'B13',
    input: 'any file at all',
    outcome:
      'opened behind lists of protocols, formats and codecs, and limits on streams, pixels, probing and single allocations',
    proof: 'core/media/ffmpeg-args.test.ts › every input is opened behind all the safety options, as a file',
  },
  {
    id: 'B13',
    input: 'forty tracks',
    outcome: 'refused',
    code: 'unsafe_media',
    proof: 'test/hostile.test.ts › $threat $name: $what',
  },
  {
    id: 'B13',
    input: 'a codec that is not on the list, MagicYUV for one',
    outcome: 'its decoder is never opened, by ffprobe neither',
    code: 'unsupported_codec',
    proof:
      'workers/edges/hostile.test.ts › a decoder that is not on the list is not even opened, neither to look nor to decode',
  },
  {
    id: 'B13',
    input: 'pictures of more than 50 megapixels inside a film',
    outcome: 'not decoded',
    code: 'too_many_pixels',
    proof:
      'workers/edges/hostile.test.ts › a picture of more pixels than allowed is not decoded, though nobody looked at it before',
  },
  {
    id: 'B14',
    input: 'titles that are filters, shell, playlists, several lines, a megabyte, no text',
    outcome: 'a title is never part of an argument',
    proof: 'test/hostile.test.ts › $threat $name: $what',
  },
  {
    id: 'B14',
    input: 'the title of a text track',
    outcome: 'nothing of a stranger’s stands in an argument',
    proof:
      'core/media/subtitles.test.ts › all tracks come out of one reading of the source, with nothing of a stranger’s in the arguments',
  },
  {
    id: 'B15',
    input:
      'MP4 with absurd lengths, ticks, sizes, turns, pixels, edits, offsets, boxes; AVI and sound with absurd rates, sizes, channels',
    outcome: 'unknown rather than believed, or refused once with the reason',
    proof: 'test/hostile.test.ts › $threat $name: $what',
  },
  {
    id: 'B15',
    input: 'an index of 85 million samples in a file of 31 KB, in its head or in a fragment, which would fill 2 GB',
    outcome: 'refused before ffprobe is started',
    code: 'unsafe_media',
    proof: 'test/hostile.test.ts › $threat $name: $what',
  },
  {
    id: 'B15',
    input: 'an index packed by zlib, which unpacks to half a gigabyte',
    outcome: 'not read',
    code: 'unsupported_container',
    proof: 'test/hostile.test.ts › $threat $name: $what',
  },
  {
    id: 'B15',
    input: 'all hostile files together',
    outcome: 'each is looked at within two seconds',
    proof: 'test/hostile.test.ts › are each looked at within two seconds',
  },
  {
    id: 'B15',
    input: 'all hostile files together: memory',
    outcome: '600 MB at the most',
    proof: 'test/hostile.test.ts › take no more memory than any other',
  },
  {
    id: 'B15',
    input: 'output of ffprobe that is not what it should be',
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
    input: 'a header that promises 2^32 pictures',
    outcome: 'refused by its length',
    code: 'too_long',
    proof: 'test/hostile.test.ts › $threat $name: $what',
  },
  {
    id: 'B16',
    input: 'what turns out longer than it said',
    outcome: 'ended while it is decoded',
    code: 'too_long',
    proof:
      'workers/audio/hostile-sound.test.ts › what turns out to be longer than allowed while it is decoded is not made',
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
    id: 'B16',
    input: 'a child past its time',
    outcome: 'ended, and its descendants with it',
    code: 'resource_limit',
    proof: 'workers/edges/process.test.ts › time has an end',
  },
  {
    id: 'B17',
    input: 'a decoder that was taken over: the network',
    outcome: 'there is none but an idle loopback',
    proof: 'workers/edges/sandbox.test.ts › nothing can be reached, not even what listens on this machine',
  },
  {
    id: 'B17',
    input: 'the same: files of others, of the machine and of the house',
    outcome: 'they are not there; its one source is, to be read, and the folder of its task',
    proof:
      'workers/edges/sandbox.test.ts › no file of anybody else is there: neither beside its folder, nor in /etc, nor the data of the house',
  },
  {
    id: 'B17',
    input: 'the same: other processes, rights, new users',
    outcome: 'it is nobody, alone',
    proof: 'workers/edges/sandbox.test.ts › it is nobody: without rights, and without a way to new ones',
  },
  {
    id: 'B17',
    input: 'the same: time, memory and files without end',
    outcome: 'they end where its limits say',
    code: 'resource_limit',
    proof: 'workers/edges/sandbox.test.ts › memory, time, and the size of a file end where its limits say',
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
    code: 'resource_limit',
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
    input: 'the same: staying behind',
    outcome: 'it ends with its worker',
    proof: 'workers/edges/tools.test.ts › a child does not outlive the process that started it',
  },
  {
    id: 'B17',
    input: 'a picture that crashes, hangs or bloats its decoder',
    outcome: 'costs its task, tried twice; the worker and its other pictures do not notice',
    code: 'decoder_crashed',
    proof: 'workers/edges/image-desk.test.ts › costs that picture and nothing else: a crash',
  },
  {
    id: 'B17',
    input: 'a decoder of pictures that was taken over: lies to its worker',
    outcome: 'what it says is checked; it can neither keep a task waiting nor name files',
    code: 'decoder_crashed',
    proof: 'workers/edges/image-desk.test.ts › cannot make its task wait for ever by what it says',
  },
  {
    id: 'B17',
    input: 'the same: pictures of other tenants',
    outcome: 'it never sees one',
    proof: 'workers/edges/image-desk.test.ts › never meets a picture of another tenant',
  },
  {
    id: 'B17',
    input: 'a machine without a part of the sandbox',
    outcome: 'works without it, and the worker names it at its start',
    proof: 'workers/edges/tools.test.ts › what a machine cannot put around a child is left out, and named',
  },
]
