import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { listenForStop } from '../cli/up/stop-signal.ts'
import { benchApi } from './bench/api.ts'
import { benchFleet } from './bench/fleet.ts'
import { benchFootprint } from './bench/footprint.ts'
import { machineFacts } from './bench/machine.ts'
import { benchPipeline } from './bench/pipeline.ts'
import { benchPlayable } from './bench/playable.ts'
import { benchScale } from './bench/scale.ts'
import type { Bench } from './bench/wishes.ts'

const benches: Record<string, Bench> = {
  api: benchApi,
  pipeline: benchPipeline,
  playable: benchPlayable,
  scale: benchScale,
  footprint: benchFootprint,
  fleet: benchFleet,
}

process.exitCode = await run(process.argv.slice(2))

/** `npm run bench [NAME …] [-- --quick | --full]`: measures, and prints tables for docs/benchmarks.md. */
async function run(args: string[]): Promise<number> {
  const options = { quick: { type: 'boolean', default: false }, full: { type: 'boolean', default: false } } as const
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
  const names = positionals.length > 0 ? positionals : Object.keys(benches)
  const unknown = names.find((name) => !Object.hasOwn(benches, name))
  if (unknown !== undefined) {
    console.error(`there is no bench "${unknown}"; there are ${Object.keys(benches).join(', ')}`)
    return 2
  }
  const { stop, release } = listenForStop()
  for (const name of names) {
    const folder = await mkdtemp(join(tmpdir(), 'bench-'))
    try {
      console.log(`\n\`npm run bench ${[name, ...args.filter((arg) => arg.startsWith('-'))].join(' -- ')}\``)
      console.log(`${await machineFacts()}\n`)
      await benches[name]?.(folder, { ...values, stop })
    } catch (error) {
      if (!stop.aborted) throw error
      return 1
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
  release()
  return 0
}
