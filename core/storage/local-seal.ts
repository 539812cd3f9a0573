import { chmod, constants, type FileHandle, lstat, open } from 'node:fs/promises'
import path from 'node:path'
import { SluiceError } from '../errors.ts'
import type { LocalGrowth } from './growing.ts'
import { diskError, isAbsent, notFound } from './local-errors.ts'
import { openObject } from './local-read.ts'
import type { LocalFile } from './local-tail.ts'
import { moveInto, placeWhole } from './local-write.ts'

/** What is sealed is never written again, not even by us. */
const sealedMode = 0o400
const copyBytes = 1024 * 1024

type Sealing = { root: string; folder: string; growth: LocalGrowth; fresh: boolean }

/** Makes the files one object: by moving the only one, when its writer has closed it, else by copying what counts into a file that no writer knows. */
export async function sealLocally(sealing: Sealing): Promise<{ key: string; bytes: number; etag: string }> {
  const { root, growth, fresh } = sealing
  const [only, ...others] = growth.files
  const target = path.join(root, growth.key)
  try {
    await lstat(sealing.folder)
    if (only && others.length === 0 && !only.open && !fresh) await move({ ...sealing, file: only, target })
    else await placeWhole({ root, target, make: (temp) => copyAll({ ...sealing, temp }) })
  } catch (error) {
    // Gone from here means moved already: by ourselves before a crash, or by another at the same moment.
    if (!isAbsent(error)) throw diskError(error, growth.key)
  }
  const object = await openObject(root, growth.key)
  await object?.close()
  if (!object) throw notFound(growth.key)
  if (object.bytes !== growth.bytes)
    throw new SluiceError('conflict', {
      message: `${growth.key} holds ${object.bytes} bytes, and ${growth.bytes} were to be sealed`,
    })
  return { key: growth.key, bytes: object.bytes, etag: object.etag }
}

async function move({ root, folder, file, target }: Sealing & { file: LocalFile; target: string }): Promise<void> {
  const from = path.join(folder, file.name)
  const { size } = await lstat(from)
  if (size < file.bytes) throw lost(file.name, size, file.bytes)
  if (size > file.bytes) await cut(from, file.bytes)
  await chmod(from, sealedMode)
  await moveInto(root, from, target)
}

/** What was appended and then taken back may still lie beyond the bytes that count. */
async function cut(file: string, bytes: number): Promise<void> {
  const handle = await open(file, constants.O_RDWR | constants.O_NOFOLLOW)
  try {
    await handle.truncate(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function copyAll({ folder, growth, temp }: Sealing & { temp: string }): Promise<void> {
  const to = await open(temp, 'wx', 0o600)
  try {
    for (const file of growth.files) await copyInto(to, folder, file)
    const { size } = await to.stat()
    if (size !== growth.bytes) throw lost(growth.key, size, growth.bytes)
    await to.chmod(sealedMode)
    await to.sync()
  } finally {
    await to.close()
  }
}

async function copyInto(to: FileHandle, folder: string, { name, bytes }: LocalFile): Promise<void> {
  const from = await open(path.join(folder, name), constants.O_RDONLY | constants.O_NOFOLLOW)
  const block = Buffer.allocUnsafe(copyBytes)
  try {
    for (let at = 0; at < bytes; ) {
      const { bytesRead } = await from.read(block, 0, Math.min(copyBytes, bytes - at), at)
      if (bytesRead === 0) throw lost(name, at, bytes)
      await to.writeFile(block.subarray(0, bytesRead))
      at += bytesRead
    }
  } finally {
    await from.close()
  }
}

const lost = (name: string, size: number, bytes: number) =>
  new SluiceError('storage_unavailable', { message: `${name} holds ${size} bytes of ${bytes} that count` })
