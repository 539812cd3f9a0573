import { expect, it, vi } from 'vitest'
import { tempFolder } from '../../test/setup/temp-folder.ts'
import { keptUploads } from './kept-uploads.ts'

it('any number of commands remember their uploads at once, and each forgets its own', async () => {
  vi.stubEnv('HOME', await tempFolder())
  const forgotten: unknown[] = []
  const url = 'https://media.example.com'
  const names = Array.from({ length: 20 }, (_, number) => `upload-${number}`)
  const parts = { metadata: {}, creationTime: new Date().toString(), urlStorageKey: '', parallelUploadUrls: null }
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
