import type { Rendition } from './ladder.ts'

/** The one place that knows how pictures are encoded. A second encoder is a second entry here. */
export type Encoder = { name: 'libx264'; preset: string; crf: number }

export const chooseEncoder = ({ preset, crf }: { preset: string; crf: number }): Encoder => ({
  name: 'libx264',
  preset,
  crf,
})

type Options = {
  encoder: Encoder
  rendition: Rendition
  gop: number
  /** Absent, the encoder starts as many as it sees processors. */
  threads?: number
}

/** Options for one rendition: quality-targeted below a cap, keyframes exactly on the grid. */
export function encoderArgs({ encoder, rendition, gop, threads }: Options): string[] {
  return [
    ...(threads === undefined ? [] : ['-threads:v', String(threads)]),
    ...['-c:v', encoder.name, '-preset', encoder.preset, '-profile:v', 'high', '-pix_fmt', 'yuv420p'],
    ...[
      '-crf',
      String(encoder.crf),
      '-maxrate',
      String(rendition.maxBitrate),
      '-bufsize',
      String(rendition.maxBitrate * 2),
    ],
    ...['-g', String(gop), '-keyint_min', String(gop), '-sc_threshold', '0', '-flags', '+cgop'],
    ...['-color_primaries', 'bt709', '-color_trc', 'bt709', '-colorspace', 'bt709', '-color_range', 'tv'],
  ]
}

/** The same for sound: AAC in the form that everything plays. */
export const soundEncoderArgs = ['-c:a', 'aac', '-profile:a', 'aac_low'] as const
export const soundCodec = /^mp4a\.40\.2$/

/** How the codec calls itself in what an encoder made: H.264, High or what is below it, since quick presets use less of it. */
export const codecOf = ({ name }: Encoder): RegExp => ({ libx264: /^avc1\.(42|4d|64)/ })[name]
