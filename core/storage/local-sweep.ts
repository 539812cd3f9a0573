import { readdir, readFile, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { diskError, isAbsent } from './local-errors.ts'
import { growingFolder, keyFile, tempFolder } from './local-place.ts'
import type { Storage } from './storage.ts'

type Spare = Parameters<Storage['sweep']>[0]['spare']

/** Removes what was left half-done: temp files, and growing objects that nobody wrote to for long and nobody spares. */
export async function sweepFolders(options: { root: string; before: number; spare: Spare }): Promise<number> {
  const { root, before, spare } = options
  const temps = await oldIn(path.join(root, tempFolder), before)
  for (const temp of temps) await remove(temp)
  let removed = temps.length
  for (const folder of await oldIn(path.join(root, growingFolder), before)) {
    if (await spare?.(await keyOf(folder))) continue
    await remove(folder)
    removed++
  }
  return removed
}

async function oldIn(folder: string, before: number): Promise<string[]> {
  const old: string[] = []
  for (const name of await namesIn(folder)) {
    const file = path.join(folder, name)
    const touched = await lastTouched(file)
    if (touched > 0 && touched < before) old.push(file)
  }
  return old
}

/** Of a folder: also when something in it was. Nothing, where it vanished meanwhile. */
async function lastTouched(file: string): Promise<number> {
  const inside = (await namesIn(file)).map((name) => path.join(file, name))
  const times = await Promise.all([file, ...inside].map(async (each) => (await orAbsent(stat(each)))?.mtimeMs ?? 0))
  return Math.max(...times)
}

const namesIn = async (folder: string) => (await orAbsent(readdir(folder))) ?? []
const keyOf = async (folder: string) => (await orAbsent(readFile(path.join(folder, keyFile), 'utf8'))) ?? ''

async function remove(file: string): Promise<void> {
  await orAbsent(rm(file, { recursive: true, force: true }))
}

async function orAbsent<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw diskError(error, 'what was left half-done')
  }
}
