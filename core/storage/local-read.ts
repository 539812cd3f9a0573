import type { BigIntStats } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { constants, open } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { SluiceError } from '../errors.ts'
import { contentTypeFor } from './content-types.ts'
import { diskError, isAbsent } from './local-errors.ts'
import { liesBelow } from './local-place.ts'
import { mappedStream } from './mapped-stream.ts'
import type { ByteRange, OpenObject, ReadOptions, StoredObject } from './storage.ts'

/** A file held open: it stays the same file, whatever becomes of its key. */
export type OpenFile = Omit<OpenObject, 'read'> & { read(options?: ReadOptions): Readable }

/** Facts of a stored file. The tag needs no read: every put makes a new inode with its own time in nanoseconds, and never writes to it again. */
export function describe(key: string, stat: BigIntStats): StoredObject {
  const etag = `"${stat.ino.toString(36)}-${stat.size.toString(36)}-${stat.mtimeNs.toString(36)}"`
  return { key, bytes: Number(stat.size), etag, contentType: contentTypeFor(key), modifiedAt: stat.mtime }
}

/** Opens an object for reading, or undefined when there is none. Links are not followed. */
export async function openObject(root: string, key: string): Promise<OpenFile | undefined> {
  const file = path.join(root, key)
  let handle: FileHandle
  try {
    // Non-blocking, so that a pipe that somebody planted cannot hold the open for ever.
    handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw diskError(error, key)
  }
  try {
    const stat = await handle.stat({ bigint: true })
    if (stat.isFile() && (await liesBelow(root, path.dirname(file)))) return held(handle, describe(key, stat))
    await handle.close()
    return undefined
  } catch (error) {
    await handle.close()
    if (isAbsent(error)) return undefined
    throw diskError(error, key)
  }
}

function held(handle: FileHandle, object: StoredObject): OpenFile {
  return {
    ...object,
    close: () => handle.close(),
    read({ range, signal } = {}) {
      const { start, end } = clip(object, range)
      const source = handle.createReadStream({ start, end, highWaterMark: 64 * 1024 })
      return mappedStream({ source, signal, mapError: (error) => diskError(error, object.key) })
    },
  }
}

function clip(object: StoredObject, range: ByteRange | undefined): { start: number; end: number } {
  // An empty file has no last byte: an end before the start reads nothing.
  const end = Math.min(range?.end ?? Number.POSITIVE_INFINITY, Math.max(object.bytes - 1, 0))
  const start = range?.start ?? 0
  if (range && (start >= object.bytes || end < start))
    throw new SluiceError('range_not_satisfiable', {
      message: `range ${start}-${range.end} of ${object.bytes} bytes of ${object.key}`,
    })
  return { start, end }
}
