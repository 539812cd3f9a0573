import { createHash, randomUUID } from 'node:crypto'
import { link, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as rest } from 'node:timers/promises'
import { errnoOf } from '../../core/storage/local-errors.ts'

/** Sources that have been brought to this machine, for every task of every worker process on it. */
export type SourceCache = {
  /**
   * Gives the file of a key a second name at `into`, and fetches it first unless it is here already or just coming.
   * Whoever holds a name of their own keeps the bytes, also when the cache lets go of them.
   */
  bring(wanted: { key: string; bytes: number; into: string; fetch: Fetch; signal: AbortSignal }): Promise<void>
  /** Nobody will ask for this one again. */
  forget(key: string): Promise<void>
  /** Lets go of what nobody has asked for in this long. */
  dropUnused(wanted: { olderThanMs: number }): Promise<void>
}

type Fetch = (file: string) => Promise<void>
type Options = {
  dir: string
  maxBytes: number
  /** How long a fetch may show no sign of life before another process does its work. */
  deadAfterMs?: number
}

const isGone = (error: unknown) => errnoOf(error) === 'ENOENT'

/** Keeps at most `maxBytes` of sources in a folder, or one that is larger; the one unused for longest goes first. */
export async function openSourceCache({ dir, maxBytes, deadAfterMs = 30_000 }: Options): Promise<SourceCache> {
  await mkdir(dir, { recursive: true })
  const placeOf = (key: string) => path.join(dir, createHash('sha256').update(key).digest('hex').slice(0, 40))
  return {
    async bring({ key, bytes, into, fetch, signal }) {
      const file = placeOf(key)
      while (!(await taken({ file, into }))) {
        signal.throwIfAborted()
        const lock = await lockFor({ file, deadAfterMs })
        if (lock === undefined) await rest(50, undefined, { signal })
        else
          try {
            await makeRoom({ dir, maxBytes: maxBytes - bytes, deadAfterMs })
            await fetchWhole({ file, fetch })
          } finally {
            await lock.release()
          }
      }
    },
    forget: (key) => rm(placeOf(key), { force: true }),
    async dropUnused({ olderThanMs }) {
      const since = Date.now() - olderThanMs
      const unused = (await contentsOf({ dir, deadAfterMs })).filter(({ usedAt }) => usedAt < since)
      await Promise.all(unused.map(({ file }) => rm(file, { force: true })))
    },
  }
}

/** False when it is not there. A name in use says so by its time, which is what the cache goes by when it needs room. */
async function taken({ file, into }: { file: string; into: string }): Promise<boolean> {
  try {
    await link(file, into)
    const now = new Date()
    await utimes(into, now, now)
    return true
  } catch (error) {
    if (isGone(error)) return false
    throw error
  }
}

/** One fetch at a time on this machine. A lock that nobody has touched for long is that of a process that died. */
async function lockFor({ file, deadAfterMs }: { file: string; deadAfterMs: number }) {
  const lock = `${file}.lock`
  const token = randomUUID()
  try {
    await writeFile(lock, token, { flag: 'wx' })
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error
    await breakStale({ lock, deadAfterMs })
    return undefined
  }
  const touch = () => utimes(lock, new Date(), new Date()).catch(() => undefined)
  const pulse = setInterval(touch, deadAfterMs / 6)
  return {
    async release() {
      clearInterval(pulse)
      // Somebody who took us for dead may have one of their own there by now.
      if ((await tokenIn(lock)) === token) await rm(lock, { force: true })
    },
  }
}

/** Under a name of its own first: one of several gets it, and sees whether it is the lock that was stale, or a fresh one. */
async function breakStale({ lock, deadAfterMs }: { lock: string; deadAfterMs: number }): Promise<void> {
  if (!(await isStale({ lock, deadAfterMs }))) return
  const aside = `${lock}.${randomUUID()}.lock`
  try {
    await rename(lock, aside)
    if (!(await isStale({ lock: aside, deadAfterMs }))) await link(aside, lock)
  } catch (error) {
    // Gone: somebody else was first. There: the next has locked already, and both fetch.
    if (!isGone(error) && errnoOf(error) !== 'EEXIST') throw error
  } finally {
    await rm(aside, { force: true })
  }
}

const isStale = async ({ lock, deadAfterMs }: { lock: string; deadAfterMs: number }) => {
  const touched = await stat(lock).then(
    ({ mtimeMs }) => mtimeMs,
    () => Date.now(),
  )
  return Date.now() - touched > deadAfterMs
}

const tokenIn = (lock: string) => readFile(lock, 'utf8').catch(() => undefined)

/** Under its name a source is whole. */
async function fetchWhole({ file, fetch }: { file: string; fetch: Fetch }): Promise<void> {
  const part = `${file}.${randomUUID()}.part`
  try {
    await fetch(part)
    await rename(part, file)
  } finally {
    await rm(part, { force: true })
  }
}

async function makeRoom({ dir, maxBytes, deadAfterMs }: Required<Options>): Promise<void> {
  const files = await contentsOf({ dir, deadAfterMs })
  let total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  for (const { file, bytes } of files.toSorted((a, b) => a.usedAt - b.usedAt)) {
    if (total <= maxBytes) return
    await rm(file, { force: true })
    total -= bytes
  }
}

/** Sources, and parts that somebody died over; what is still coming is left in peace. */
async function contentsOf({ dir, deadAfterMs }: { dir: string; deadAfterMs: number }) {
  const names = (await readdir(dir)).filter((name) => !name.endsWith('.lock'))
  const facts = await Promise.all(
    names.map(async (name) => {
      const file = path.join(dir, name)
      try {
        const { size: bytes, mtimeMs: usedAt } = await stat(file)
        const coming = name.endsWith('.part') && Date.now() - usedAt < deadAfterMs
        return coming ? [] : [{ file, bytes, usedAt }]
      } catch (error) {
        if (isGone(error)) return []
        throw error
      }
    }),
  )
  return facts.flat()
}
