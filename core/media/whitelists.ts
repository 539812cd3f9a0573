/**
 * What strangers' files may be made of. ffmpeg reads far more, and much of it opens other files, other hosts or old, untested decoders.
 * Playlists, concat lists, image sequences, subtitles and anything that renders text stay out.
 */

/** Demuxers. With the protocol whitelist alone, a playlist named `x.mp4` reads other people's files. */
export const formats = [
  ...['mov', 'mp4', 'm4a', '3gp', '3g2', 'mj2', 'matroska', 'webm', 'avi', 'mpegts', 'mpeg', 'mpegvideo', 'flv'],
  ...['ogg', 'asf', 'mp3', 'wav', 'w64', 'aiff', 'caf', 'flac', 'aac', 'ac3', 'eac3', 'amr', 'amrnb', 'amrwb'],
] as const

/** Video by ffprobe's codec name, each with the decoders that stock ffmpeg 5.1 to 8 may choose for it. */
const videoDecoders: Record<string, string[]> = {
  h264: ['h264'],
  hevc: ['hevc'],
  vp8: ['vp8', 'libvpx'],
  vp9: ['vp9', 'libvpx-vp9'],
  av1: ['libdav1d', 'libaom-av1', 'av1'],
  mpeg1video: ['mpeg1video'],
  mpeg2video: ['mpeg2video'],
  mpeg4: ['mpeg4'],
  msmpeg4v1: ['msmpeg4v1'],
  msmpeg4v2: ['msmpeg4v2'],
  msmpeg4v3: ['msmpeg4'],
  mjpeg: ['mjpeg'],
  prores: ['prores'],
  dnxhd: ['dnxhd'],
  h263: ['h263'],
  h263p: ['h263p'],
  flv1: ['flv'],
  vp6: ['vp6'],
  vp6f: ['vp6f'],
  theora: ['theora'],
  vc1: ['vc1'],
  wmv1: ['wmv1'],
  wmv2: ['wmv2'],
  wmv3: ['wmv3'],
  dvvideo: ['dvvideo'],
}

const pcm = ['s16le', 's16be', 's24le', 's24be', 's32le', 's32be', 'f32le', 'f32be', 'f64le', 'f64be', 'u8', 's8']

const audioDecoders: Record<string, string[]> = {
  aac: ['aac'],
  mp3: ['mp3float', 'mp3'],
  mp2: ['mp2float', 'mp2'],
  opus: ['opus', 'libopus'],
  vorbis: ['vorbis', 'libvorbis'],
  ac3: ['ac3', 'ac3_fixed'],
  eac3: ['eac3'],
  dts: ['dca'],
  flac: ['flac'],
  alac: ['alac'],
  amr_nb: ['amrnb'],
  amr_wb: ['amrwb'],
  wmav1: ['wmav1'],
  wmav2: ['wmav2'],
  wmapro: ['wmapro'],
  speex: ['speex', 'libspeex'],
  adpcm_ms: ['adpcm_ms'],
  adpcm_ima_wav: ['adpcm_ima_wav'],
  adpcm_ima_qt: ['adpcm_ima_qt'],
  adpcm_swf: ['adpcm_swf'],
  gsm_ms: ['gsm_ms'],
  nellymoser: ['nellymoser'],
  ...Object.fromEntries([...pcm, 'alaw', 'mulaw'].map((kind) => [`pcm_${kind}`, [`pcm_${kind}`]])),
}

/** Cover pictures and subtitles are never mapped, but ffprobe gives up on a file that holds one it may not open. */
const coverDecoders = ['png', 'bmp', 'gif', 'webp']
const subtitleDecoders = [
  ...['ssa', 'ass', 'srt', 'subrip', 'mov_text', 'webvtt', 'text', 'libzvbi_teletext', 'cc_dec'],
  ...['dvdsub', 'dvbsub', 'pgssub', 'xsub'],
]

export const isVideoCodec = (codec: string) => Object.hasOwn(videoDecoders, codec)
export const isAudioCodec = (codec: string) => Object.hasOwn(audioDecoders, codec)

export const decoders = [
  ...new Set([
    ...Object.values(videoDecoders).flat(),
    ...Object.values(audioDecoders).flat(),
    ...coverDecoders,
    ...subtitleDecoders,
  ]),
]
