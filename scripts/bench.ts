import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { listenForStop } from '../core/stop-signal.ts'
import { benchAddresses } from './bench/addresses.ts'
import { benchApi } from './bench/api.ts'
import { benchBacklog } from './bench/backlog.ts'
import { benchFleet } from './bench/fleet.ts'
import { benchFootprint } from './bench/footprint.ts'
import { benchHostile } from './bench/hostile.ts'
import { benchImages } from './bench/images.ts'
import { machineFacts } from './bench/machine.ts'
import { benchPipeline } from './bench/pipeline.ts'
import { benchPlayable } from './bench/playable.ts'
import { benchReprocess } from './bench/reprocess.ts'
import { benchScale } from './bench/scale.ts'
import { benchStills } from './bench/stills.ts'
import { benchTus } from './bench/tus.ts'
import type { Bench } from './bench/wishes.ts'

const benches: Record<string, Bench> = {
  api: benchApi,
  addresses: benchAddresses,
  backlog: benchBacklog,
  tus: benchTus,
  images: benchImages,
  hostile: benchHostile,
  pipeline: benchPipeline,
  playable: benchPlayable,
  reprocess: benchReprocess,
  scale: benchScale,
  stills: benchStills,
  footprint: benchFootprint,
  fleet: benchFleet,
}

process.exitCode = await run(process.argv.slice(2))

/** `npm run bench [NAME …] [-- --quick | --full | --only=SIDE]`: measures, and prints tables for docs/benchmarks.md. */
async function run(args: string[]): Promise<number> {
  const options = {
    quick: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
  } as const
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
  const names = positionals.length > 0 ? positionals : Object.keys(benches)
  const unknown = names.find((name) => !Object.hasOwn(benches, name))
  if (unknown !== undefined) {
    console.error(`there is no bench "${unknown}"; there are ${Object.keys(benches).join(', ')}`)
    return 2
  }
  const { stop, release } = listenForStop()
  const root = await mkdtemp(join(tmpdir(), 'bench-'))
  const films = join(root, 'films')
  try {
    await mkdir(films)
    for (const name of names) {
      const flags = args.filter((arg) => arg.startsWith('-'))
      console.log(`\n\`npm run bench ${[name, ...(flags.length > 0 ? ['--', ...flags] : [])].join(' ')}\``)
      console.log(`${await machineFacts()}\n`)
      const folder = join(root, name)
      await mkdir(folder)
      await benches[name]?.(folder, { ...values, films, stop })
      await rm(folder, { recursive: true })
    }
    return 0
  } catch (error) {
    if (!stop.aborted) throw error
    return 1
  } finally {
    release()
    await rm(root, { recursive: true, force: true })
  }
}
