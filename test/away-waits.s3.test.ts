import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { beforeAll, expect, it } from 'vitest'
import { buildApp } from '../api/app.ts'
import { cornersJpeg } from '../fixtures/images.ts'
import { handlers } from '../workers/handlers.ts'
import { runTask } from '../workers/run-task.ts'
import { atEnd } from './setup/at-end.ts'
import { testBucket } from './setup/bucket.ts'
import { readAsset, readTask, type TestHouse, testHouse } from './setup/house.ts'
import { type LyingStore, lyingStore } from './setup/lying-store.ts'
import { receivedAsset, runTasks } from './setup/run-through.ts'
import { tempFolder } from './setup/temp-folder.ts'
import { idOf, tusSession } from './setup/tus.ts'

let store: LyingStore
let house: TestHouse
let url = ''
beforeAll(async () => {
  const env = await testBucket()
  store = await lyingStore({ endpoint: env['S3_ENDPOINT'] ?? '' })
  await store.goAway()
  house = await testHouse({ env: { ...env, S3_ENDPOINT: store.url, FETCH_ALLOW: '127.0.0.1/32' } })
  const app = await buildApp(house)
  atEnd(() => app.close())
  url = await app.listen({ host: '127.0.0.1', port: 0 })
})

const away = { status: 503, code: 'storage_unavailable' }

it('S3 that is away from the start costs nothing but time: the house starts, says so, keeps what it has, and goes on by itself', async () => {
  const health = async () => {
    const answer = await fetch(`${url}/health`)
    const { components } = (await answer.json()) as { components: Record<string, { status: string }> }
    return [answer.status, components['storage']?.status]
  }
  expect(await health()).toEqual([503, 'down'])
  expect((await fetch(`${url}/ready`)).status).toBe(200)

  const picture = new Uint8Array(await cornersJpeg({ width: 64, height: 48, orientation: 1 }))
  const origin = createServer((_request, response) => response.end(picture)).listen(0, '127.0.0.1')
  await once(origin, 'listening')
  atEnd(async () => void origin.close())
  const { port } = origin.address() as { port: number }
  const tus = tusSession(url)
  const path = await tus.begun({ 'upload-length': String(picture.length) })
  const refused = await tus.patch(path, 0, picture)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect({ status: refused.status, ...((await refused.json()) as object) }).toMatchObject(away)
  expect((await tus.head(path)).headers.get('upload-offset')).toBe('0')
  const form = () => {
    const body = new FormData()
    body.set('file', new File([picture], 'a.jpg'))
    return fetch(`${url}/v1/assets`, { method: 'POST', body })
  }
  const formRefused = await form()
  expect(Number(formRefused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await formRefused.json()).toMatchObject(away)
  const taken = await fetch(`${url}/v1/assets`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ source: { url: `http://127.0.0.1:${port}/a.jpg` } }),
  })
  expect(taken.status).toBe(202)
  const { id } = (await taken.json()) as { id: string }
  const task = await house.db.selectFrom('tasks').select('id').where('asset_id', '=', id).executeTakeFirstOrThrow()
  const run = () => runTask({ house, taskId: task.id, handlers, closing: new AbortController().signal })
  for (const _ of [1, 2, 3, 4, 5, 6]) expect(await run()).toMatchObject({ end: 'again' })
  expect(await readTask(house, task.id)).toMatchObject({ status: 'pending', failures: 0, error: { code: away.code } })

  await store.comeBack()
  expect((await tus.patch(path, 0, picture)).status).toBe(204)
  const sent = (await (await form()).json()) as { id: string }
  for (const each of [id, idOf(path), sent.id]) {
    await runTasks(house, each)
    expect((await readAsset(house, each)).status).toBe('ready')
  }
  await expect.poll(health, { timeout: 30_000, interval: 500 }).toEqual([200, 'up'])
})

it('no asset is ready before the store shows every object of it, whatever it said when it took them', async () => {
  await store.comeBack()
  const file = `${await tempFolder()}/a.jpg`
  await writeFile(file, await cornersJpeg({ width: 64, height: 48, orientation: 1 }))
  const id = await receivedAsset(house, file)
  const run = (taskId: string) => runTask({ house, taskId, handlers, closing: new AbortController().signal })
  const next = () =>
    house.db
      .selectFrom('tasks')
      .select(['id', 'key', 'error'])
      .where('asset_id', '=', id)
      .where('status', '=', 'pending')
      .executeTakeFirstOrThrow()
  for (let task = await next(); !task.key.startsWith('publish'); task = await next()) await run(task.id)
  store.script(({ what, key }) => (what === 'HeadObject' && key.endsWith('large.jpg') ? { say: 404 } : undefined))
  expect(await run((await next()).id)).toMatchObject({ end: 'again' })
  expect((await next()).error).toMatchObject({ code: 'output_invalid' })
  expect((await readAsset(house, id)).status).toBe('processing')
  store.script()
  expect(await run((await next()).id)).toEqual({ end: 'done' })
  expect((await readAsset(house, id)).status).toBe('ready')
})
