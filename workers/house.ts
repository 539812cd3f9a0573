import type { Selectable } from 'kysely'
import type { Config } from '../core/config.ts'
import type { Asset, Milestone } from '../core/db/assets.ts'
import type { Database } from '../core/db/open.ts'
import type { Json, TasksTable } from '../core/db/schema.ts'
import type { Reminder, Trx } from '../core/db/tasks.ts'
import type { Logger } from '../core/logger.ts'
import type { ObjectStores } from '../core/storage/object-stores.ts'
import type { Storage } from '../core/storage/storage.ts'
import type { Tracing } from '../core/tracing/tracing.ts'
import type { Push } from '../queues/push.ts'
import type { Courtesy } from './courtesy.ts'
import type { ImageDesk } from './edges/image-desk.ts'
import type { Resolve } from './edges/resolve.ts'
import type { SourceCache } from './edges/source-cache.ts'
import type { MediaTools } from './edges/tools.ts'
import type { MemoryGate } from './memory-gate.ts'
import type { WorkerMeters } from './meters.ts'
import type { PutFile, Workbench } from './task.ts'
import type { Turnstile } from './turnstile.ts'

/** Everything a worker process has, made once in main.ts. */
export type House = {
  /** Names this process in leases and logs. */
  name: string
  config: Config
  db: Database
  /** For what says that a run lives: connections which nothing else can hold up. */
  pulse: Database
  storage: Storage
  /** Where media may lie that stays where it lies. */
  objects: ObjectStores
  tools: MediaTools
  /** Where strangers' pictures are decoded. */
  images: ImageDesk
  push: Push
  /** What writes growing playlists passes here: it keeps a connection while storage takes them. */
  growths: Turnstile
  log: Logger
  timings: Timings
  scratchDir: string
  /** Who steps aside for whom. */
  courtesy: Courtesy
  /** What its tasks pass before they take much memory. */
  memory: MemoryGate
  /** Shared by every worker process of this machine. */
  sources: SourceCache
  /** How names of strangers' hosts become addresses. */
  resolve: Resolve
  meters: WorkerMeters
  tracing: Tracing
}

/** How often a run proves that it lives, and how soon the others notice when it does not. */
export type Timings = {
  leaseMs: number
  beatMs: number
  relayMs: number
  sweepMs: number
  lostMs: number
  quietMs: number
}

export const timings: Timings = {
  leaseMs: 15_000,
  beatMs: 2_000,
  relayMs: 1_000,
  sweepMs: 3_000,
  lostMs: 5_000,
  quietMs: 15_000,
}

/** One run of one task, as its handler sees it. */
export type TaskRun = {
  task: Selectable<TasksTable>
  asset: Asset
  bench: Workbench
  put: PutFile
  house: House
  /** What was set aside for it when it was let in; nothing, where a recipe takes little. */
  memory?: number
  /** Tells, from within the outcome's transaction, what is measured once that is committed. */
  reached(milestones: readonly Milestone[]): void
}

/**
 * What a run brought about: its result and, in the same transaction, the rows and follow-up tasks that come of it.
 * One that ends together with others of its kind writes all that by itself.
 */
export type Outcome = { result: Json; write?: (trx: Trx) => Promise<Reminder[]> } | { end: () => Promise<Reminder[]> }

export type Handler = (run: TaskRun) => Promise<Outcome>
