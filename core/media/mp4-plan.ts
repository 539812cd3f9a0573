import type { Profile } from './profile.ts'
import type { VideoPlan } from './video-plan.ts'

/** Which of a video's renditions become one progressive file, and what it must hold. */
export type Mp4Plan = { rendition: string; width: number; height: number; audio: string | null }

/** The best rendition that is no larger than wished, else the smallest, with the first sound track. */
export function planMp4({ video, profile }: { video: VideoPlan; profile: Profile }): Mp4Plan | null {
  if (profile.mp4 === false) return null
  const most = profile.mp4.shortSide
  // A side is rounded to the nearest even number, which may be one more than the step's name says.
  const fitting = video.renditions.find(({ width, height }) => Math.min(width, height) <= most + 1)
  const chosen = fitting ?? video.renditions.at(-1)
  if (chosen === undefined) return null
  const { name, width, height } = chosen
  return {
    rendition: name,
    width,
    height,
    audio: (video.audio.find((track) => track.default) ?? video.audio[0])?.name ?? null,
  }
}
