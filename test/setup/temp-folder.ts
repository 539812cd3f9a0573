import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { atEnd } from './at-end.ts'

/** An empty folder that is removed after the last test of the file. */
export async function tempFolder(mode = 0o755): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'test-'))
  await chmod(folder, mode)
  atEnd(() => rm(folder, { recursive: true, force: true }))
  return folder
}
