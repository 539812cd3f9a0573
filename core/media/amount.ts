import type { MediaInfo } from './media-info.ts'

/** A second of 1080p at 30 pictures, in pixels. */
const usualRate = 1920 * 1088 * 30

/** How much there is to decode in a second of a video, in seconds of such ones. */
export function rateOf({ video }: Pick<MediaInfo, 'video'>): number {
  if (video === undefined) return 0
  const { codedWidth, codedHeight, fps } = video
  return (codedWidth * codedHeight * (fps ? fps.num / fps.den : 30)) / usualRate
}

/** Whether all its pictures are soon gone through: a minute at most of such video. */
export const isSmall = (info: Pick<MediaInfo, 'duration' | 'video'>): boolean =>
  (info.duration ?? Number.POSITIVE_INFINITY) * rateOf(info) <= 60
