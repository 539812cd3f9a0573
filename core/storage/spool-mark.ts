import { randomUUID } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { errnoOf, isAbsent } from './local-errors.ts'

/** Hidden from keys, since none may hold a hidden name. */
const markFile = '.spool'

/** What a folder that is spooled to is known by: two processes that read the same mark see the same folder. */
export async function markOf(dir: string, { make }: { make: boolean }): Promise<string | undefined> {
  const file = path.join(dir, markFile)
  if (make) {
    await mkdir(dir, { recursive: true })
    try {
      await writeFile(file, randomUUID(), { flag: 'wx', flush: true })
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error
    }
  }
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}
