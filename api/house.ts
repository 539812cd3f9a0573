import type { Config } from '../core/config.ts'
import type { Locks } from '../core/db/locks.ts'
import type { Database } from '../core/db/open.ts'
import type { Logger } from '../core/logger.ts'
import type { ObjectStores } from '../core/storage/object-stores.ts'
import type { Storage } from '../core/storage/storage.ts'
import type { Tracing } from '../core/tracing/tracing.ts'
import type { QueueConnection } from '../queues/connect.ts'
import type { Push } from '../queues/push.ts'
import type { Sender } from '../queues/sender.ts'
import type { Access } from './auth/access.ts'
import type { ApiMeters } from './metrics/api-meters.ts'

/** What main.ts makes for an API process. */
export type ApiParts = {
  config: Config
  db: Database
  storage: Storage
  /** Where media may lie that stays where it lies. */
  objects: ObjectStores
  queue: QueueConnection
  sender: Sender
  push: Push
  /** Shared with every other process. */
  locks: Locks
  log: Logger
  meters: ApiMeters
  tracing: Tracing
}

/** Everything that routes have. */
export type ApiHouse = ApiParts & { access: Access }
