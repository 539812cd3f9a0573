import { readdir, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, it, vi } from 'vitest'
import { tempFolder } from '../../test/setup/temp-folder.ts'
import { keptUploads } from './kept-uploads.ts'

const parts = { metadata: {}, creationTime: new Date().toString(), urlStorageKey: '', parallelUploadUrls: null }

it('any number of commands remember their uploads at once, and each forgets its own', async () => {
  vi.stubEnv('HOME', await tempFolder())
  const forgotten: unknown[] = []
  const url = 'https://media.example.com'
  const names = Array.from({ length: 20 }, (_, number) => `upload-${number}`)
  const keys = await Promise.all(
    names.map((name) =>
      keptUploads(url, (why) => forgotten.push(why)).addUpload(name, {
        ...parts,
        size: 1,
        uploadUrl: `${url}/v1/tus/${name}`,
      }),
    ),
  )
  const kept = keptUploads(url, (why) => forgotten.push(why))
  const known = async () => (await kept.findAllUploads()).map(({ uploadUrl }) => uploadUrl?.split('/').at(-1)).sort()
  expect(await known()).toEqual(names.toSorted())
  await Promise.all(keys.slice(1).map((key) => keptUploads(url, (why) => forgotten.push(why)).removeUpload(key)))
  expect(await known()).toEqual(['upload-0'])
  expect(await keptUploads('https://other.example.com', () => undefined).findAllUploads()).toEqual([])
  expect(forgotten).toEqual([])
})

it('what was not gone on with for a week is forgotten when the next upload is written down, and half a file of a dead command too', async () => {
  const home = await tempFolder()
  vi.stubEnv('HOME', home)
  const url = 'https://media.example.com'
  const folder = path.join(home, '.cache/sluice/uploads')
  const forgotten: unknown[] = []
  const add = (days: number) => {
    const creationTime = new Date(Date.now() - days * 86_400_000).toString()
    const upload = { ...parts, creationTime, size: 1, uploadUrl: `${url}/v1/tus/${days}` }
    return keptUploads(url, (why) => forgotten.push(why)).addUpload(`of-${days}`, upload)
  }
  const [young] = [await add(6), await add(8)]
  for (const name of ['old.json.draft', 'new.json.draft', 'notes.txt']) await writeFile(path.join(folder, name), '{')
  for (const name of ['old.json.draft', 'notes.txt']) await utimes(path.join(folder, name), 1, 1)
  const next = await add(0)
  const left = [`${young}.json`, `${next}.json`, 'new.json.draft', 'notes.txt']
  expect((await readdir(folder)).sort()).toEqual(left.sort())
  expect(forgotten).toEqual([])
})
