import type { Logger } from 'pino'
import type { Storage } from '../core/storage/storage.ts'

/** What a recipe may use while it runs one task. It owns nothing here: run-task makes it, and cleans up after it. */
export type Workbench = {
  /** An empty folder on local disk, removed when the task ends, however it ends. */
  scratch: string
  /** Aborts when the task is cancelled, deleted, taken over, or the worker shuts down. Pass it on to everything that takes one. */
  signal: AbortSignal
  storage: Storage
  log: Logger
  /** 0 to 1; stored with the next heartbeat. */
  progress(fraction: number): void
  /** Throws when this run may no longer write. Called before every put. */
  guard(): void
}

/** Publishes one local file under the generation's prefix; the type and cache header follow from the name. */
export type PutFile = (
  relativeKey: string,
  localPath: string,
) => Promise<{ key: string; bytes: number; sha256: string }>
