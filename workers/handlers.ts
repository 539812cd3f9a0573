import type { TaskKind } from '../core/task-kinds.ts'
import { admitted, encodeCost, soundCost, stillsCost, variantsCost } from './admission.ts'
import { sound } from './audio/sound.ts'
import type { Handler } from './house.ts'
import { stills } from './image/stills-task.ts'
import { variants } from './image/variants-task.ts'
import { digest } from './ingest/digest.ts'
import { fetch } from './ingest/fetch.ts'
import { inspect } from './ingest/inspect.ts'
import { seal } from './ingest/seal.ts'
import { publish } from './publish/publish.ts'
import { subtitles } from './text/subtitles.ts'
import { purge } from './upkeep/purge.ts'
import { encode } from './video/encode.ts'
import { mp4 } from './video/mp4-task.ts'
import { storyboard } from './video/storyboard-task.ts'

/** Who does what: one recipe for each kind of task. */
export const handlers: Record<TaskKind, Handler> = {
  fetch,
  seal,
  inspect,
  digest,
  encode: admitted(encodeCost, encode),
  sound: admitted(soundCost, sound),
  subtitles: admitted(soundCost, subtitles),
  stills: admitted(stillsCost, stills),
  storyboard: admitted(stillsCost, storyboard),
  variants: admitted(variantsCost, variants),
  mp4: admitted(soundCost, mp4),
  publish,
  purge,
}
