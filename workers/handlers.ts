import type { TaskKind } from '../core/task-kinds.ts'
import { admitted, encodeCost, soundCost, stillsCost, variantsCost } from './admission.ts'
import { sound } from './audio/sound.ts'
import type { Handler } from './house.ts'
import { stills } from './image/stills-task.ts'
import { variants } from './image/variants-task.ts'
import { quick } from './in-its-place.ts'
import { digest } from './ingest/digest.ts'
import { fetch } from './ingest/fetch.ts'
import { inspect } from './ingest/inspect.ts'
import { seal } from './ingest/seal.ts'
import { publish } from './publish/publish.ts'
import { subtitles } from './text/subtitles.ts'
import { bring } from './upkeep/bring.ts'
import { purge } from './upkeep/purge.ts'
import { encode } from './video/encode.ts'
import { mp4 } from './video/mp4-task.ts'
import { storyboard } from './video/storyboard-task.ts'
import { withRoom } from './with-room.ts'

/** Who does what: one recipe for each kind of task. */
export const handlers: Record<TaskKind, Handler> = {
  fetch: withRoom(fetch),
  seal: withRoom(seal),
  inspect: withRoom(quick(inspect)),
  digest,
  encode: withRoom(admitted(encodeCost, encode)),
  sound: withRoom(admitted(soundCost, sound)),
  subtitles: withRoom(admitted(soundCost, subtitles)),
  stills: withRoom(admitted(stillsCost, stills)),
  storyboard: withRoom(admitted(stillsCost, storyboard)),
  variants: withRoom(admitted(variantsCost, variants)),
  mp4: withRoom(admitted(soundCost, mp4)),
  // What finishes work and what frees room never waits for room.
  publish: quick(publish),
  bring,
  purge,
}
