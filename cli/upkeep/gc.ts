import { untidiedAssets } from '../../core/db/tidying.ts'
import { createLogger } from '../../core/logger.ts'
import { garbageOf } from '../../workers/upkeep/garbage.ts'
import { tidyAssets } from '../../workers/upkeep/tidy-assets.ts'
import { tidyUploads } from '../../workers/upkeep/uploads.ts'
import { bytes, count } from '../amounts.ts'
import type { Where } from '../options.ts'
import { openProgress } from '../progress.ts'
import { note, printJson } from '../terminal.ts'
import { type CliHouse, withHouse } from '../with-house.ts'

type Options = Where & { yes?: boolean; all?: boolean; limit: number }

/** What writes to an upload learns within this that it has ended. */
const endedMs = 5_000

/** Counts, and removes where that is wished; its exit code. */
export async function gc({ data, json, yes, all, limit }: Options): Promise<number> {
  return withHouse({ data }, async (house) => {
    const graceMs = all ? 0 : house.config.GARBAGE_AFTER * 1_000
    const found = await look(house, { graceMs, limit, quiet: json === true })
    const ends = yes ? await remove(house, { graceMs, limit }) : undefined
    const failed = ends?.failed ?? 0
    if (json) printJson({ removed: yes === true && failed === 0, ...found, ...countsOf(ends) })
    else say(found, ends)
    return failed > 0 ? 1 : 0
  })
}

type Found = { assets: number; objects: number; bytes: number }
type Ends = { removed: number; failed: number }

const countsOf = (ends: Ends | undefined) => ends && { objectsRemoved: ends.removed, failed: ends.failed }

function say({ assets, objects, bytes: size }: Found, ends: Ends | undefined): void {
  const line = `${count(objects, 'object')}, ${bytes(size)}, of ${count(assets, 'asset')}`
  // Others tidy too, and more may have ended since it was counted.
  const removed = ends?.removed === objects ? 'removed' : `${ends?.removed} removed`
  console.log(ends ? `${line}: ${removed}` : line)
  if (ends === undefined && objects > 0) note('Remove them now with --yes; workers do it by themselves within minutes.')
  if (ends && ends.failed > 0)
    note(`${ends.failed} could not be tidied, as said above. Run it again when that is mended.`)
}

type Look = { graceMs: number; limit: number; quiet: boolean }

async function look(house: CliHouse, { graceMs, limit, quiet }: Look): Promise<Found> {
  const progress = openProgress({ quiet })
  const assets = await untidiedAssets(house.db, { graceMs, limit })
  const found = { assets: 0, objects: 0, bytes: 0 }
  try {
    for (const [done, asset] of assets.entries()) {
      const before = found.objects
      for await (const object of garbageOf(house, asset)) {
        found.objects++
        found.bytes += object.bytes
      }
      if (found.objects > before) found.assets++
      progress.show({ done, total: assets.length, said: `${done}/${assets.length} assets` })
    }
    return found
  } finally {
    progress.end()
  }
}

async function remove({ db, storage }: CliHouse, { graceMs, limit }: Pick<Look, 'graceMs' | 'limit'>): Promise<Ends> {
  const log = createLogger({ level: 'warn', name: 'gc' })
  const uploads = await tidyUploads({ db, storage, log, quietMs: endedMs })
  const { removed, failed } = await tidyAssets({ db, storage, log }, { graceMs, limit })
  return { removed, failed: failed + uploads.failed }
}
