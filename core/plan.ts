import type { ImagePlan } from './media/image-variants.ts'
import type { MediaInfo, VideoInfo } from './media/media-info.ts'
import type { Mp4Plan } from './media/mp4-plan.ts'
import type { SoundPlan } from './media/sound-plan.ts'
import type { StoryboardPlan } from './media/storyboard.ts'
import type { StillWishes } from './media/thumbnails.ts'
import type { VideoPlan } from './media/video-plan.ts'

/** What inspecting a source leaves behind, as the result of its task: all that the later tasks of a generation are told. */
export type AssetPlan =
  /** Without a `video`, what plays is the original. */
  | {
      kind: 'video'
      info: MediaInfo
      video: VideoPlan | null
      stills: StillWishes | null
      storyboard: StoryboardPlan | null
      mp4: Mp4Plan | null
    }
  /** With an `onlyFrame`, the picture is the single one of a video. */
  | { kind: 'image'; image: ImagePlan; onlyFrame?: VideoInfo }
  | { kind: 'audio'; info: MediaInfo; sound: SoundPlan | null; cover: (StillWishes & { index: number }) | null }
