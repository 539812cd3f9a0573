import { type Config, ConfigError } from './config.ts'
import { keptSpoolMark, seenSpoolMark } from './db/kept-spool-mark.ts'
import type { Database } from './db/open.ts'
import { anySpooled, placesIn } from './db/spooled.ts'
import type { Logger } from './logger.ts'
import type { StorageMeters } from './metrics/storage-meters.ts'
import { aboveFloor } from './storage/above-floor.ts'
import { openLocalStorage } from './storage/local.ts'
import { metered } from './storage/metered.ts'
import { openStorage } from './storage/open.ts'
import { localSettings, storageSettings } from './storage/settings.ts'
import { markOf } from './storage/spool-mark.ts'
import { openSpooling } from './storage/spooling.ts'
import type { Storage } from './storage/storage.ts'
import { noTracing, type Tracing } from './tracing/tracing.ts'

type Options = {
  config: Config
  db: Database
  log: Logger
  /** Hear of every call. */
  meters?: StorageMeters
  tracing?: Tracing
  /** How long it counts what S3 last said. */
  countsMs?: number
}

/**
 * The store of a process, as its settings say. With S3 and a fallback, or with a spool that still holds something, one
 * that knows of both places. Refuses a spool folder that is not the one that all the others see: what is spooled there
 * could be served and brought home by nobody else.
 */
export async function openMedia(options: Options): Promise<Storage> {
  const storage = await openPlaces(options)
  return options.meters === undefined ? storage : metered(storage, options.meters, options.tracing ?? noTracing)
}

async function openPlaces({ config, db, log, countsMs = 2_000 }: Options): Promise<Storage> {
  const settings = storageSettings(config)
  if (settings.driver === 'local') return openStorage(settings)
  const spoolsMore = config.STORAGE_FALLBACK === 'local'
  if (!spoolsMore && !(await anySpooled(db))) return openStorage(settings)
  await refuseOtherFolder({ config, db, make: spoolsMore && !(await seenSpoolMark(db)) })
  const { openS3Storage } = await import('./storage/s3.ts')
  const local = localSettings(config)
  const spool = aboveFloor(openLocalStorage(local), { dir: local.dir, floor: config.DISK_FLOOR })
  return openSpooling({
    home: openS3Storage(settings),
    spool,
    places: placesIn(db),
    spoolsMore,
    watch: {
      countsMs,
      onChange: (away) =>
        away === undefined
          ? log.warn('S3 answers again; what was spooled goes home')
          : log.warn({ err: away.reason }, 'S3 does not answer; what comes in is spooled'),
    },
  })
}

type Folder = Pick<Options, 'config' | 'db'> & { make: boolean }

async function refuseOtherFolder({ config, db, make }: Folder): Promise<void> {
  const mark = await markOf(config.STORAGE_DIR, { make })
  if (mark !== undefined && mark === (await keptSpoolMark(db, mark))) return
  throw new ConfigError([
    `STORAGE_DIR: ${config.STORAGE_DIR} is not the folder that this house spools to while S3 is away (STORAGE_FALLBACK=local). Give all processes the same one, on one machine or on a share; docs/storage.md says what to do where it is lost`,
  ])
}
