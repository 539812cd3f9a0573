import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Mutation } from './mutation.ts'

const notOurs = new Set(['node_modules', '.git', '.sluice', '.test', 'dist', 'coverage'])

export type SourceCopy = {
  root: string
  /** Applies a mutation while the work lasts. One at a time. */
  mutated<Result>(mutation: Mutation, work: () => Promise<Result>): Promise<Result>
  [Symbol.asyncDispose](): Promise<void>
}

/** All sources in a folder of their own, with the packages of the original: what is done to them is done to nobody else. */
export async function copySources(root: string): Promise<SourceCopy> {
  const copy = await mkdtemp(join(tmpdir(), 'sluice-mutations-'))
  await cp(root, copy, { recursive: true, filter: (path) => !notOurs.has(basename(path)) })
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
  return {
    root: copy,
    async mutated({ file, find, replace }, work) {
      const path = join(copy, file)
      const source = await readFile(path, 'utf8')
      await writeFile(
        path,
        source.replace(find, () => replace),
      )
      try {
        return await work()
      } finally {
        await writeFile(path, source)
      }
    },
    [Symbol.asyncDispose]: () => rm(copy, { recursive: true, force: true }),
  }
}
