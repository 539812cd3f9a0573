import { execFileSync } from 'node:child_process'
import { mkdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { newSource } from '../core/new-source.ts'
import { placeOfObject } from '../core/object-source.ts'
import { type ObjectPlaces, objectSuite, type Shelf } from './objects.suite.ts'
import { type TestHouse, testHouse } from './setup/house.ts'
import { tempFolder } from './setup/temp-folder.ts'

let tick = 0
function shelf(folder: string): Shelf {
  const file = (key: string) => path.join(folder, key)
  return {
    address: (key) => `file:${encodeURI(path.join(folder, '/'))}${encodeURI(key)}`,
    async write(key, bytes) {
      await mkdir(path.dirname(file(key)), { recursive: true })
      await writeFile(file(key), bytes)
      // Two writes within one tick of the clock would look alike.
      const at = new Date(Date.now() - 60_000 + 1_000 * tick++)
      await utimes(file(key), at, at)
    },
    read: (key) => readFile(file(key)).catch(() => undefined),
    remove: (key) => rm(file(key)),
  }
}

async function open(): Promise<ObjectPlaces> {
  const folder = await tempFolder()
  const [listed, unlisted] = [path.join(folder, 'listed'), path.join(folder, 'unlisted')]
  await Promise.all([listed, unlisted].map((each) => mkdir(each)))
  await writeFile(path.join(unlisted, 'a.jpg'), 'x')
  const house = await testHouse({ env: { SOURCE_DIRS: listed } })
  await mkdir(house.config.STORAGE_DIR, { recursive: true })
  return { house, listed: shelf(listed), own: shelf(house.config.STORAGE_DIR), unlisted: `file:${unlisted}/a.jpg` }
}

objectSuite({ name: 'on a disk', open })

describe('a path below SOURCE_DIRS', () => {
  let house: TestHouse
  let root = ''
  let outside = ''
  beforeAll(async () => {
    root = await tempFolder()
    outside = await tempFolder()
    await writeFile(path.join(outside, 'secret.jpg'), 'x')
    await writeFile(path.join(root, 'plain.jpg'), 'x')
    const media = path.join(root, 'media')
    const scratch = path.join(root, 'scratch')
    await mkdir(path.join(scratch, 'sources'), { recursive: true })
    await writeFile(path.join(scratch, 'sources', 'of-another'), 'x')
    house = await testHouse({ env: { SOURCE_DIRS: root, STORAGE_DIR: media, SCRATCH_DIR: scratch } })
    await mkdir(path.join(media, 'other', '019a0000-0000-7000-8000-000000000000', 'source'), { recursive: true })
    await writeFile(path.join(media, 'other', '019a0000-0000-7000-8000-000000000000', 'source', 'a.jpg'), 'x')
  })
  const source = (object: string) => newSource(house, { source: { object }, tenant: 'default' })

  it('is read where it lies', async () => {
    expect(await source(`file:${root}/plain.jpg`)).toMatchObject({ type: 'object', bytes: 1, filename: 'plain.jpg' })
    expect(await source(`file://${root}/plain.jpg`)).toMatchObject({ bytes: 1 })
    const place = await placeOfObject(house.objects, `file:${root}/plain.jpg`)
    expect(place.storage.pathOf(place.key)).toBe(path.join(root, 'plain.jpg'))
  })

  it('is no file: a link, a way through a link, a pipe, a folder, a socket of a process', async () => {
    await symlink(path.join(outside, 'secret.jpg'), path.join(root, 'link.jpg'))
    await symlink(path.join(root, 'plain.jpg'), path.join(root, 'inner.jpg'))
    await symlink(outside, path.join(root, 'way'))
    execFileSync('mkfifo', [path.join(root, 'pipe.jpg')])
    await mkdir(path.join(root, 'folder.jpg'))
    for (const name of ['link.jpg', 'inner.jpg', 'way/secret.jpg', 'pipe.jpg', 'folder.jpg', 'none.jpg', 'none/a.jpg'])
      await expect(source(`file:${root}/${name}`), name).rejects.toMatchObject({ code: 'source_unavailable' })
  })

  it('does not lead out, however it is written', async () => {
    const up = `${root}/../${path.basename(outside)}/secret.jpg`
    for (const object of [
      `file:${up}`,
      `file:${up.replace('..', '%2e%2e')}`,
      `file:${up.replace('/../', '/..%2f')}`,
      `file:${root}%00/plain.jpg`,
      `file:${outside}/secret.jpg`,
      `file:${outside}/none.jpg`,
      `file:${root}-next/a.jpg`,
      'file:/etc/passwd',
      'file:/proc/self/environ',
      `file://host${root}/plain.jpg`,
      `file:///${root}/plain.jpg`,
      `file:${root}/plain.jpg?x`,
      `file:${root}`,
      'file:plain.jpg',
      `${root}/plain.jpg`,
      'http://example.com/a.jpg',
    ])
      await expect(source(object), object).rejects.toMatchObject({ code: 'source_not_allowed' })
  })

  it('is no way around the rules of our own storage, nor to what workers keep for others', async () => {
    const theirs = `${root}/media/other/019a0000-0000-7000-8000-000000000000/source/a.jpg`
    await expect(source(`file:${theirs}`)).rejects.toMatchObject({ code: 'source_unavailable' })
    await expect(source(`file:${root}/scratch/sources/of-another`)).rejects.toMatchObject({
      code: 'source_not_allowed',
    })
    await symlink(root, `${outside}/again`)
    const again = await testHouse({
      env: { SOURCE_DIRS: `${outside}/again/media`, STORAGE_DIR: path.join(root, 'media') },
    })
    const around = `file:${outside}/again/media/other/019a0000-0000-7000-8000-000000000000/source/a.jpg`
    const asked = newSource(again, { source: { object: around }, tenant: 'default' })
    await expect(asked).rejects.toMatchObject({ code: 'source_unavailable' })
  })
})
