import { type FileHandle, open, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { wrongUse } from '../options.ts'

export type OpenFile = {
  size: number
  /** Tells this content of this file from any other, as far as its path, size and time do. */
  name: string
  read(start: number, end: number): Promise<Buffer>
  close(): Promise<void>
}

/** Opened once: what is renamed or removed while it is sent is sent all the same. */
export async function openFile(file: string): Promise<OpenFile> {
  // Looked at first, for opening a pipe would wait for whoever writes to it.
  if (!(await stat(file).catch(() => undefined))?.isFile()) throw wrongUse('source', `there is no file ${file}`)
  const handle = await open(file).catch((error: unknown) => {
    throw wrongUse('source', `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  })
  const { size, mtimeMs } = await handle.stat()
  return {
    size,
    name: JSON.stringify([resolve(file), size, mtimeMs]),
    read: (start, end) => readWhole(handle, { file, start, bytes: Math.min(end, size) - start }),
    close: () => handle.close(),
  }
}

type Part = { file: string; start: number; bytes: number }

async function readWhole(handle: FileHandle, { file, start, bytes }: Part): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(bytes)
  for (let at = 0; at < bytes; ) {
    const { bytesRead } = await handle.read(buffer, at, bytes - at, start + at)
    if (bytesRead === 0) throw new Error(`${file} became shorter while it was sent`)
    at += bytesRead
  }
  return buffer
}
