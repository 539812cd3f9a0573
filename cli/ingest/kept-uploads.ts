import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import type { UploadOptions } from 'tus-js-client'
import { newId } from '../../core/ids.ts'

type Storage = NonNullable<UploadOptions['urlStorage']>
type Kept = Awaited<ReturnType<Storage['findAllUploads']>>[number]
type Entry = { fingerprint: string; upload: Kept }

/** An upload is kept by its server for a day; older ones are forgotten here. */
const keptMs = 7 * 86_400_000

// Asked for late, for a user without a name in this system has none.
const folder = () => path.join(homedir(), '.cache', 'sluice', 'uploads')
const placeOf = (key: string) => path.join(folder(), `${key}.json`)

/**
 * Which uploads were begun and did not end, a file each, so that any number of commands remember theirs at once. Where nothing can
 * be written down `onForgotten` hears why, and the upload goes on all the same.
 */
export function keptUploads(url: string, onForgotten: (why: unknown) => void): Storage {
  const found = async (like: (entry: Entry) => boolean) =>
    [...(await entries())]
      .filter(([, entry]) => like(entry) && entry.upload.uploadUrl?.startsWith(new URL(url).origin))
      .map(([urlStorageKey, { upload }]) => ({ ...upload, urlStorageKey }))
  return {
    findAllUploads: () => found(() => true),
    findUploadsByFingerprint: (fingerprint) => found((entry) => entry.fingerprint === fingerprint),
    removeUpload: (key) => rm(placeOf(key), { force: true }),
    async addUpload(fingerprint, upload) {
      const key = newId()
      try {
        await keep(key, { fingerprint, upload })
        await forgetOld()
      } catch (error) {
        onForgotten(error)
      }
      return key
    },
  }
}

async function keep(key: string, entry: Entry): Promise<void> {
  await mkdir(folder(), { recursive: true })
  const draft = `${placeOf(key)}.draft`
  await writeFile(draft, JSON.stringify(entry), { mode: 0o600 })
  await rename(draft, placeOf(key))
}

async function forgetOld(): Promise<void> {
  const isOld = (at: number) => !(at > Date.now() - keptMs)
  for (const [key, { upload }] of await entries())
    if (isOld(Date.parse(upload.creationTime))) await rm(placeOf(key), { force: true })
  // Whoever wrote it was killed before it had its name.
  for (const draft of (await names()).filter((name) => name.endsWith('.json.draft'))) {
    const place = path.join(folder(), draft)
    if (isOld((await stat(place).catch(() => undefined))?.mtimeMs ?? Date.now())) await rm(place, { force: true })
  }
}

async function entries(): Promise<Map<string, Entry>> {
  const known = new Map<string, Entry>()
  for (const name of await names()) {
    const key = path.basename(name, '.json')
    const entry = name.endsWith('.json') ? await read(key) : undefined
    if (entry !== undefined) known.set(key, entry)
  }
  return known
}

async function names(): Promise<string[]> {
  try {
    return await readdir(folder())
  } catch {
    // Nothing was remembered, or nothing can be; whoever wants to add something hears why.
    return []
  }
}

async function read(key: string): Promise<Entry | undefined> {
  try {
    // Written above. Whatever else lies there is none of ours, and one that has ended meanwhile is gone.
    return JSON.parse(await readFile(placeOf(key), 'utf8')) as Entry
  } catch {
    return undefined
  }
}
