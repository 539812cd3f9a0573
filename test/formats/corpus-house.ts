import { openAsBlob } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { setTimeout as rest } from 'node:timers/promises'
import { type Asset, SluiceProblem } from '../../client/index.ts'
import type { HardFile } from '../../fixtures/hard/hard-file.ts'
import { makeKit } from '../../fixtures/hard/kit.ts'
import { type LiveHouse, liveHouse } from '../setup/live-house.ts'
import { tempFolder } from '../setup/temp-folder.ts'

/** What the house did with one file: an asset that has ended, or a refusal at the door. */
export type Ended = { asset: Asset } | { problem: string }
type Outcome = Ended | { notMade: string }

/** Files under way at once: enough to keep the processors busy, few enough that none waits for all the others. */
const lanes = 4

/** Makes each file, sends it as soon as it is made, and waits for what becomes of it, some at a time. */
export async function corpusHouse(files: readonly HardFile[]) {
  const folder = await tempFolder()
  const house = await liveHouse({ env: { PROFILES_FILE: await withoutStoryboards(folder) } })
  await house.worker()
  const kit = makeKit({ folder })
  const outcomes = new Map(files.map(({ file }) => [file, Promise.withResolvers<Outcome>()]))
  const queue = files.values()
  const lane = async () => {
    for (const one of queue) {
      const path = `${folder}/${one.file}`
      const outcome = one.make(path, kit).then(
        () => sent({ house, path, filename: one.file }),
        (error: unknown) => ({ notMade: lastWords(error) }),
      )
      outcomes.get(one.file)?.resolve(outcome)
      // What went wrong is told by the file's own test; the others go on.
      await outcome.catch(() => undefined)
    }
  }
  const all = Promise.all(Array.from({ length: lanes }, lane))
  return {
    ...{ house, folder },
    /** Waits for all that is under way, so that nothing is left when the test ends early. */
    settled: () => all,
    /** How often each of an asset's failed tasks was tried. */
    async failures(id: string): Promise<number[]> {
      const answer = await fetch(`${house.url}/v1/assets/${id}/tasks`)
      const { data } = (await answer.json()) as { data: { status: string; attempts: number }[] }
      return data.filter(({ status }) => status === 'failed').map(({ attempts }) => attempts)
    },
    async outcomeOf({ file }: HardFile): Promise<Outcome> {
      const outcome = await outcomes.get(file)?.promise
      if (outcome === undefined) throw new Error(`${file} is not in the corpus`)
      return outcome
    },
  }
}

/** Nobody looks at storyboards here: workers/video/storyboard.test.ts does. */
async function withoutStoryboards(folder: string): Promise<string> {
  const file = `${folder}/profiles.json`
  await writeFile(file, JSON.stringify({ default: { extends: 'default', storyboard: false } }))
  return file
}

async function sent(options: { house: LiveHouse; path: string; filename: string }): Promise<Ended> {
  const { house, path, filename } = options
  try {
    const { id } = await house.client.uploadFile(await openAsBlob(path), { filename })
    return { asset: await ended(house, id) }
  } catch (error) {
    if (error instanceof SluiceProblem) return { problem: error.problem.code }
    throw error
  }
}

async function ended(house: LiveHouse, id: string): Promise<Asset> {
  for (;;) {
    const asset = await house.client.asset(id)
    if (asset.status === 'ready' || asset.status === 'failed') return asset
    // It takes seconds; to ask more often would take a good part of them.
    await rest(400)
  }
}

function lastWords(error: unknown): string {
  const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
  return text.trim().split('\n').at(-1)?.slice(0, 200) ?? ''
}
