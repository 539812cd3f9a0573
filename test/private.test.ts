import { expect, it } from 'vitest'
import { buildApp } from '../api/app.ts'
import { keptSigningSecret } from '../core/db/kept-signing-secret.ts'
import { openDatabase } from '../core/db/open.ts'
import { signedAddresses } from '../core/signed-addresses.ts'
import { makeClip } from '../fixtures/make.ts'
import { privateSuite } from './private.suite.ts'
import { atEnd } from './setup/at-end.ts'
import { testDatabase } from './setup/database.ts'
import { testHouse } from './setup/house.ts'
import { runThrough } from './setup/run-through.ts'
import { tempFolder } from './setup/temp-folder.ts'

privateSuite({ name: 'on local storage', env: async () => ({}) })

it('what workers make of a private film lies apart, and every file of it is shown by one signature', async () => {
  const house = await testHouse()
  const app = await buildApp(house)
  atEnd(() => app.close())
  const file = await makeClip({ name: 'odd', folder: await tempFolder() })
  const { id, status } = await runThrough(house, file, { visibility: 'private' })
  expect(status).toBe('ready')
  const expiresAt = new Date(Date.now() + 60_000)
  const addresses = signedAddresses({ config: house.config, asset: { tenant: 'default', id }, expiresAt })
  const folder = `default/${id}/p1`
  const keys: string[] = []
  for await (const { key } of house.storage.list(`default/${id}`)) keys.push(key)
  const [source, ...made] = keys.toSorted((a, b) => Number(b.includes('/source/')) - Number(a.includes('/source/')))
  expect(source).toBe(`default/${id}/source/odd.mp4`)
  expect(made.filter((key) => !key.startsWith(`${folder}/`))).toEqual([])
  expect(made.map((key) => key.replace(/.*\./, ''))).toEqual(
    expect.arrayContaining(['m3u8', 'mpd', 'm4s', 'mp4', 'jpg', 'vtt']),
  )
  // A bucket that is opened for `*/*/g*/*` shows whatever has a folder like that, however deep.
  expect(
    made.filter((key) =>
      key
        .split('/')
        .slice(2, -1)
        .some((name) => name.startsWith('g')),
    ),
  ).toEqual([])
  for (const key of made) {
    const { pathname } = new URL(addresses.publicUrl(key))
    expect([key, (await app.inject({ url: pathname })).statusCode]).toEqual([key, 200])
    expect([key, (await app.inject({ url: `/media/${key}` })).statusCode]).toEqual([key, 404])
  }
})

it('processes that were given no secret sign and check with one that they share', async () => {
  const { url } = await testDatabase()
  const databases = Array.from({ length: 5 }, () => openDatabase({ url, name: 'test', onError: () => undefined }))
  try {
    const secrets = await Promise.all(databases.map((db) => keptSigningSecret(db, { SIGNING_SECRET: undefined })))
    expect(new Set(secrets).size).toBe(1)
    expect(secrets[0]).toMatch(/^[\w-]{43}$/)
    const [db] = databases
    if (db) expect(await keptSigningSecret(db, { SIGNING_SECRET: 'set by its owner' })).toBe('set by its owner')
  } finally {
    await Promise.all(databases.map((db) => db.destroy()))
  }
})
