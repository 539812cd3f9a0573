import { mkdir, open, rename, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { asErrno } from './errno.ts'

const largest = 10 * 2 ** 20

/** Opens a log for appending; one that grew large is set aside as `.1`, in place of the one before. */
export async function openLogFile(file: string) {
  await mkdir(dirname(file), { recursive: true })
  if ((await sizeOf(file)) > largest) await rename(file, `${file}.1`)
  return open(file, 'a', 0o600)
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size
  } catch (error) {
    if (asErrno(error) === 'ENOENT') return 0
    throw error
  }
}
