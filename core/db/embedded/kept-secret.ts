import { randomBytes } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { asErrno } from './errno.ts'

/** Reads a secret, or makes one that only this user may read. Whoever comes second reads the first one's. */
export async function keptSecret(file: string): Promise<string> {
  const kept = await read(file)
  if (kept !== undefined) return kept
  const draft = `${file}.${process.pid}`
  await writeFile(draft, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 })
  try {
    // A link appears whole or not at all, and never replaces what another process made meanwhile.
    await link(draft, file)
  } catch (error) {
    if (asErrno(error) !== 'EEXIST') throw error
  } finally {
    await rm(draft, { force: true })
  }
  return (await readFile(file, 'utf8')).trim()
}

async function read(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    if (asErrno(error) === 'ENOENT') return undefined
    throw error
  }
}
