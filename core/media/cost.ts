import type { ImageFacts } from './image-variants.ts'
import type { MediaInfo, VideoInfo } from './media-info.ts'
import type { VideoPlan } from './video-plan.ts'

const mib = 2 ** 20

/** Program and libraries. */
const programBytes = 80 * mib
/** What was measured scatters by version and content: the estimate stays above. */
const slack = 1.25

/** How far ahead x264 looks, by preset; it keeps all of these pictures. */
const lookahead: Record<string, number> = {
  ...{ ultrafast: 0, superfast: 0, veryfast: 10, faster: 20, fast: 30, medium: 40, slow: 50, slower: 60 },
}

/** A picture that waits to be encoded, with its small copies; and what each of the encoder's threads works on. Bytes for a pixel, measured. */
const waitingPicture = 3.5
const threadPictures = 11
/** B-frames, references and what the threads pass to each other. */
const otherPictures = 10

/** Tones are mapped in planes of RGB, two bytes for each of a pixel's three; room for eight such pictures, which is more than was ever seen under way. */
const toneMapped = 3 * 2 * 8

/** x264 encodes so many pictures of a rendition at once, on so many processors. */
export const encoderThreads = (cpus: number) => Math.ceil(1.5 * Math.max(1, cpus))

type Source = Pick<VideoInfo, 'codedWidth' | 'codedHeight' | 'bitDepth' | 'pixFmt'>

/** Memory that encoding any chunk of a video takes at most: decoded pictures, tone mapping, and each rendition's encoder. */
export function encodeMemory(options: { info: MediaInfo; source: Source; plan: VideoPlan; cpus: number }): number {
  const { info, source, plan, cpus } = options
  const { renditions, encoder, picture } = plan
  const forPixel = waitingPicture * ((lookahead[encoder.preset] ?? 60) + otherPictures)
  const pixels = renditions.reduce((sum, { width, height }) => sum + width * height, 0)
  const encoding = pixels * (forPixel + threadPictures * encoderThreads(cpus))
  const [top] = renditions
  const toneMapping = picture.toneMap && top ? top.width * top.height * toneMapped : 0
  return programBytes + slack * (decoding({ source, cpus }) + toneMapping + encoding) + indexBytes(info)
}

/** Memory of taking single pictures out of a video, and of making stills of them. */
export function stillsMemory({ info, source, cpus }: { info: MediaInfo; source: Source; cpus: number }): number {
  const pixels = source.codedWidth * source.codedHeight
  return programBytes + slack * (decoding({ source, cpus }) + pixels * (toneMapped + 6)) + indexBytes(info)
}

/** Memory of anything that is done to sound alone. */
export const soundMemory = (info: MediaInfo) => programBytes + 64 * mib + indexBytes(info)

/**
 * Bytes that decoding a picture takes for each pixel, at worst: measured on 100 megapixels, and rounded up. What is read row by row
 * costs far less, but a progressive JPEG, an interlaced PNG or a frame of AV1 is held whole. HEIC is too, in a process of its own.
 */
const decodedPixel: Record<ImageFacts['format'], number> = {
  jpeg: 6,
  png: 8,
  webp: 4,
  gif: 8,
  tiff: 8,
  avif: 20,
  heic: 32,
}

/** Memory of a picture, decoded whole and rendered at a working size of its own; of one that moves, with all its frames. */
export function imageMemory(picture: { format: string; pixels: number; working: number; allFrames?: number }): number {
  const { format, pixels, working, allFrames = 0 } = picture
  const [, forPixel = 32] = Object.entries(decodedPixel).find(([name]) => name === format) ?? []
  return 64 * mib + Math.max(forPixel * pixels, 4 * allFrames) + 12 * working
}

/** Pictures that a decoder keeps: references, by the level that its size needs, and one for each thread. */
function decoding({ source, cpus }: { source: Source; cpus: number }): number {
  const { codedWidth, codedHeight } = source
  const references = Math.min(16, Math.max(6, Math.floor(47_185_920 / Math.max(1, codedWidth * codedHeight))))
  return codedWidth * codedHeight * bytesPerPixel(source) * (references + cpus + 5)
}

function bytesPerPixel({ pixFmt = '', bitDepth }: Source): number {
  const samples = /444|gbr|rgb|bgr/.test(pixFmt)
    ? 3
    : /422/.test(pixFmt)
      ? 2
      : /yuv|nv12|p010|gray/.test(pixFmt)
        ? 1.5
        : 4
  return (samples + (/a/.test(pixFmt.replace('gray', '')) ? 1 : 0)) * (bitDepth > 8 ? 2 : 1)
}

/** What a demuxer keeps of every packet of a long file. */
function indexBytes({ duration = 3600, video, audio }: MediaInfo): number {
  const fps = video?.fps ? video.fps.num / video.fps.den : 60
  return duration * 64 * ((video ? fps : 0) + 50 * audio.length)
}

/**
 * The address space that a run may have which is estimated to take so much memory: far more than it uses, since
 * libraries, stacks and arenas reserve what they never touch, but not more than a machine survives.
 */
export function addressSpace({ bytes, cpus, outputs }: { bytes: number; cpus: number; outputs: number }): number {
  const threads = 16 + 2 * cpus + outputs * (encoderThreads(cpus) + 4)
  return Math.ceil(1.5 * bytes + 1024 * mib + threads * 8 * mib)
}
