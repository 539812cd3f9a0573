import type { Entry } from './history.ts'
import type { MediaName } from './media.ts'

/** What the checker joins. All of it is plain, so that tests can make it up. */
export type Facts = {
  history: readonly Entry[]
  /** What was to come of each item that was sent. */
  items: readonly { name: string; media: MediaName; comesTo: 'ready' | 'failed' }[]
  assets: readonly AssetFact[]
  tasks: readonly TaskFact[]
  events: readonly EventFact[]
  /** Every reference of a row to an object in storage. */
  references: readonly {
    assetId: string
    key: string
    bytes: number | undefined
    sha256: string | undefined
    of: string
  }[]
  objects: readonly { key: string; bytes: number; sha256: string }[]
  shown: readonly ShownFact[]
  /** What ought to be gone: folders, processes, half-stored objects. */
  left: readonly string[]
  /** Where a secret was found. */
  leaks: readonly string[]
}

export type AssetFact = {
  id: string
  item: string
  status: string
  error: string | undefined
  playable: boolean
  deleted: boolean
  bytes: number | undefined
  sha256: string | undefined
}
export type TaskFact = { id: string; assetId: string; key: string; status: string; error: string | undefined }
export type EventFact = { id: string; assetId: string; type: string; generation: number | undefined }
/** What a viewer of a ready asset gets to see. */
export type ShownFact = {
  assetId: string
  thumbnails: number
  /** Of what plays, by ffprobe; undefined where it is a picture. */
  seconds: number | undefined
  wantsSeconds: number | undefined
  /** Addresses and files that could not be read, or not as they should. */
  broken: readonly string[]
}

export type Violation = { rule: `I${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9}`; about: string; says: string }
