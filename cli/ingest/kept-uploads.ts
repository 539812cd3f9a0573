import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import type { UploadOptions } from 'tus-js-client'
import { newId } from '../../core/ids.ts'

type Storage = NonNullable<UploadOptions['urlStorage']>
type Kept = Awaited<ReturnType<Storage['findAllUploads']>>[number]
type Entry = { fingerprint: string; upload: Kept }

/** An upload is kept by its server for a day; older ones are forgotten here. */
const keptMs = 7 * 86_400_000

/** Which uploads were begun and did not end: by path, size and time of their file, and where they went to. */
export async function keptUploads(url: string): Promise<Storage> {
  const folder = path.join(homedir(), '.cache', 'sluice')
  const file = path.join(folder, 'uploads.json')
  await mkdir(folder, { recursive: true })
  const read = async (): Promise<Record<string, Entry>> => {
    try {
      // Written below. Whatever else lies there is none of ours, and nothing is remembered.
      return JSON.parse(await readFile(file, 'utf8')) as Record<string, Entry>
    } catch {
      return {}
    }
  }
  const change = async (how: (entries: Record<string, Entry>) => void) => {
    const entries = await read()
    how(entries)
    const fresh = Object.entries(entries).filter(
      ([, { upload }]) => Date.parse(upload.creationTime) > Date.now() - keptMs,
    )
    const draft = `${file}.${process.pid}`
    await writeFile(draft, JSON.stringify(Object.fromEntries(fresh)), { mode: 0o600 })
    await rename(draft, file)
  }
  const found = async (like: (entry: Entry) => boolean) =>
    Object.entries(await read())
      .filter(([, entry]) => like(entry) && entry.upload.uploadUrl?.startsWith(new URL(url).origin))
      .map(([urlStorageKey, { upload }]) => ({ ...upload, urlStorageKey }))
  return {
    findAllUploads: () => found(() => true),
    findUploadsByFingerprint: (fingerprint) => found((entry) => entry.fingerprint === fingerprint),
    removeUpload: (key) =>
      change((entries) => {
        delete entries[key]
      }),
    async addUpload(fingerprint, upload) {
      const key = newId()
      await change((entries) => {
        entries[key] = { fingerprint, upload }
      })
      return key
    },
  }
}
