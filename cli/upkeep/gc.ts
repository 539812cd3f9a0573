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

export async function gc({ data, json, yes, all, limit }: Options): Promise<void> {
  await withHouse({ data }, async (house) => {
    const graceMs = all ? 0 : house.config.GARBAGE_AFTER * 1_000
    const found = await look(house, { graceMs, limit, quiet: json === true })
    if (yes) await remove(house, { graceMs, limit })
    if (json) return printJson({ removed: yes === true, ...found })
    console.log(
      `${count(found.objects, 'object')}, ${bytes(found.bytes)}, of ${count(found.assets, 'asset')}${yes ? ': removed' : ''}`,
    )
    if (!yes && found.objects > 0) note('Remove them now with --yes; workers do it by themselves within minutes.')
  })
}

type Look = { graceMs: number; limit: number; quiet: boolean }

async function look(house: CliHouse, { graceMs, limit, quiet }: Look) {
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

async function remove({ db, storage }: CliHouse, { graceMs, limit }: Pick<Look, 'graceMs' | 'limit'>): Promise<void> {
  const log = createLogger({ level: 'warn', name: 'gc' })
  await tidyUploads({ db, storage, log, quietMs: endedMs })
  await tidyAssets({ db, storage, log }, { graceMs, limit })
}
