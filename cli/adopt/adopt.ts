import { acceptAsset, checkProfile } from '../../core/accept.ts'
import type { AssetKind, Priority, Visibility } from '../../core/asset.ts'
import { adoptedOf, whileAdopting } from '../../core/db/adopted.ts'
import { asSluiceError } from '../../core/errors.ts'
import { objectSource } from '../../core/object-source.ts'
import { listenForStop } from '../../core/stop-signal.ts'
import { bytes, count } from '../amounts.ts'
import type { Where } from '../options.ts'
import { openProgress } from '../progress.ts'
import { note, printJson, short } from '../terminal.ts'
import { type CliHouse, withHouse } from '../with-house.ts'
import { kindByName } from './extensions.ts'
import { type Found, openPlace } from './place.ts'

type Options = Where & {
  place: string
  kind?: AssetKind
  profile: string
  tenant: string
  visibility: Visibility
  priority: Priority
  limit?: number
  dryRun?: boolean
}

const pageSize = 200
const atOnce = 8

/** Makes an asset of each object, once; its exit code. */
export async function adopt(options: Options): Promise<number> {
  const { stop, release } = listenForStop()
  try {
    return await withHouse(options, async (house) => {
      checkProfile(options.profile, house.config.profiles)
      const run = () => takeOver(house, options, stop)
      const end = options.dryRun ? await run() : await whileAdopting(house.db, options.tenant, run)
      if (end === undefined) throw new Error(`somebody else just adopts for ${options.tenant}; wait for that to end`)
      return report(options, end, stop.aborted)
    })
  } finally {
    release()
  }
}

type Ends = {
  adopted: number
  bytes: number
  known: number
  noMedia: number
  refused: { object: string; code: string }[]
}

async function takeOver(house: CliHouse, options: Options, stop: AbortSignal): Promise<Ends> {
  const place = await openPlace(house.config, options.place)
  const progress = openProgress({ quiet: options.json === true })
  const ends: Ends = { adopted: 0, bytes: 0, known: 0, noMedia: 0, refused: [] }
  const { limit = Number.POSITIVE_INFINITY } = options
  const page: Found[] = []
  const flush = async () => {
    await takePage(house, options, { page: page.splice(0), ends, limit, stop })
    progress.show({ done: 0, total: 0, said: `${ends.adopted} adopted, ${ends.known} known` })
  }
  try {
    for await (const found of place.list()) {
      const kind = kindByName(found.name)
      if (kind === undefined || (options.kind !== undefined && kind !== options.kind)) ends.noMedia++
      else if (page.push(found) >= pageSize) await flush()
      if (stop.aborted || ends.adopted >= limit) break
    }
    if (!stop.aborted) await flush()
  } finally {
    progress.end()
    await place.close()
  }
  return ends
}

type Page = { page: Found[]; ends: Ends; limit: number; stop: AbortSignal }

async function takePage(house: CliHouse, options: Options, { page, ends, limit, stop }: Page): Promise<void> {
  const { tenant } = options
  const known = await adoptedOf(house.db, { tenant, objects: page.map(({ object }) => object) })
  ends.known += known.size
  const fresh = page.filter(({ object }) => !known.has(object)).slice(0, limit - ends.adopted)
  const queue = fresh.values()
  const lane = async () => {
    for (const found of queue) {
      if (stop.aborted) return
      await takeOne(house, options, { found, ends })
    }
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
}

async function takeOne(
  house: CliHouse,
  options: Options,
  { found, ends }: { found: Found; ends: Ends },
): Promise<void> {
  const { tenant, profile, visibility, priority, dryRun } = options
  try {
    const source = await objectSource(house, { object: found.object, tenant })
    ends.bytes += source.bytes
    ends.adopted++
    if (dryRun) return
    const { reminders } = await acceptAsset(house, { tenant, profile, visibility, priority, source })
    house.push.push(reminders)
  } catch (thrown) {
    const { code, fate } = asSluiceError(thrown)
    // What is wrong with one object is no reason to leave the others; what is wrong with the house is.
    if (fate !== 'give_up' && code !== 'source_unavailable') throw thrown
    ends.refused.push({ object: found.object, code })
  }
}

function report({ json, dryRun, place }: Options, ends: Ends, stopped: boolean): number {
  if (json) printJson({ dryRun: dryRun === true, stopped, ...ends })
  else {
    const to = dryRun ? 'to adopt' : 'adopted'
    const out = [`${count(ends.adopted, 'object')} ${to}, ${bytes(ends.bytes)}`]
    if (ends.known > 0) out.push(`${ends.known} known already`)
    if (ends.noMedia > 0) out.push(`${ends.noMedia} not called like what is wished`)
    console.log(out.join('; '))
    for (const { object, code } of ends.refused.slice(0, 20)) note(`${short(object, 60)}: ${code}`)
    if (ends.refused.length > 20) note(`and ${ends.refused.length - 20} more; see --json`)
    if (stopped) note(`Stopped. Go on with: sluice adopt ${place}`)
  }
  return stopped || ends.refused.length > 0 ? 1 : 0
}
