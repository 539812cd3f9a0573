import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { Storage } from '../core/storage/storage.ts'
import { tempFolder } from '../test/setup/temp-folder.ts'
import { openSourceCache } from './edges/source-cache.ts'
import type { TaskRun } from './house.ts'
import { sourceFile } from './source-file.ts'

test('a source that is larger than what the disk has free is waited for before a byte of it is fetched', async () => {
  const dir = await tempFolder()
  const get = () => Promise.reject(new Error('nobody should fetch'))
  const run = {
    asset: { source_key: 'sources/film.mp4', source_object: null, source_bytes: 2 ** 60 } as TaskRun['asset'],
    bench: {
      ...{ scratch: dir, signal: new AbortController().signal },
      storage: { pathOf: () => undefined, get } as Partial<Storage> as Storage,
    } as TaskRun['bench'],
    house: {
      objects: { placeOf: async () => undefined, close: async () => undefined },
      sources: await openSourceCache({ dir: path.join(dir, 'cache'), maxBytes: 1_000 }),
    },
  }
  await expect(sourceFile(run)).rejects.toMatchObject({ code: 'no_space', fate: 'later' })
  expect(await readdir(path.join(dir, 'cache'))).toEqual([])
})
