import { randomBytes } from 'node:crypto'
import { constants, type FileHandle, open } from 'node:fs/promises'
import path from 'node:path'
import { SluiceError } from '../errors.ts'
import type { LocalGrowth } from './growing.ts'
import { diskError } from './local-errors.ts'
import { syncFolder } from './local-place.ts'

export type LocalFile = LocalGrowth['files'][number]

/** The file that an append writes to. */
export type Tail = {
  write(block: Buffer): Promise<void>
  /** Makes durable what is written, and says how far the object has grown by that. May run beside a write. */
  sync(): Promise<LocalGrowth>
  close(): Promise<void>
}

/** So much is written before the disk is asked, in the background, to take it: what is waited for at the end is then little. */
const pushBytes = 4 * 1024 * 1024

/** Marks the last file as one that a lost writer may still hold open: it keeps its bytes, and gets no more. */
export const leftOpen = (growth: LocalGrowth) => markLast(growth, ({ name, bytes }) => ({ name, bytes, open: true }))

/** Takes the mark off again: its only writer has closed it. */
export const saidGoodbye = (growth: LocalGrowth) => markLast(growth, ({ name, bytes }) => ({ name, bytes }))

const markLast = (growth: LocalGrowth, mark: (file: LocalFile) => LocalFile): LocalGrowth => ({
  ...growth,
  files: growth.files.map((file, index) => (index === growth.files.length - 1 ? mark(file) : file)),
})

/** Goes on with the last file where its writer said goodbye, else with a new one. */
export async function openTail(folder: string, growth: LocalGrowth): Promise<Tail> {
  const last = growth.files.at(-1)
  const goesOn = last !== undefined && !last.open
  const { name, handle } = goesOn ? { name: last.name, handle: await reopen(folder, last) } : await create(folder)
  const settled = goesOn ? growth.files.slice(0, -1) : growth.files
  const settledBytes = settled.reduce((sum, file) => sum + file.bytes, 0)
  let written = goesOn ? last.bytes : 0
  let pushed = written
  let pushing: Promise<void> | undefined
  // A disk tells of a failed sync once; asked again it says yes, though the bytes are gone.
  let fault: unknown
  const datasync = () =>
    handle.datasync().catch((error: unknown) => {
      fault ??= diskError(error, growth.key)
    })
  const push = () => {
    if (pushing !== undefined || written - pushed < pushBytes) return
    pushed = written
    pushing = datasync().finally(() => {
      pushing = undefined
    })
  }
  return {
    async write(block) {
      for (let at = 0; at < block.byteLength; ) {
        const { bytesWritten } = await handle.write(block, at, block.byteLength - at, written)
        at += bytesWritten
        written += bytesWritten
      }
      push()
    },
    async sync() {
      const bytes = written
      if (fault === undefined) await Promise.all([datasync(), pushing])
      if (fault !== undefined) throw fault
      return { ...growth, bytes: settledBytes + bytes, files: [...settled, { name, bytes, open: true }] }
    },
    async close() {
      await pushing
      await handle.close()
    },
  }
}

/** A new file under a name that nobody else knows. Its folder is not made: where that is gone, the object is sealed or discarded. */
async function create(folder: string): Promise<{ name: string; handle: FileHandle }> {
  const name = randomBytes(16).toString('hex')
  const handle = await open(path.join(folder, name), 'wx', 0o600)
  try {
    await syncFolder(folder)
    return { name, handle }
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** Bytes beyond those that count are garbage; fewer than those were lost, which nobody may paper over. */
async function reopen(folder: string, { name, bytes }: LocalFile): Promise<FileHandle> {
  const handle = await open(path.join(folder, name), constants.O_RDWR | constants.O_NOFOLLOW)
  try {
    const { size } = await handle.stat()
    if (size < bytes)
      throw new SluiceError('storage_unavailable', { message: `${name} holds ${size} bytes of ${bytes} that count` })
    if (size > bytes) await handle.truncate(bytes)
    return handle
  } catch (error) {
    await handle.close()
    throw error
  }
}
