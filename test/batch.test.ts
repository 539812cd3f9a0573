import { beforeAll, expect, test } from 'vitest'
import { buildApp } from '../api/app.ts'
import { atEnd } from './setup/at-end.ts'
import { type TestHouse, testHouse } from './setup/house.ts'

let house: TestHouse
let app: Awaited<ReturnType<typeof buildApp>>
beforeAll(async () => {
  house = await testHouse()
  app = await buildApp(house)
  atEnd(() => app.close())
})
const send = (payload: object) =>
  app.inject({ method: 'POST', url: '/v1/assets/batch', headers: { host: 'localhost' }, payload })
const good = (n: number) => ({ source: { url: `https://example.com/${n}.jpg?sig=CANARY` }, externalId: `batch-${n}` })

test('each item is judged alone: an asset or a problem, in the order they were sent', async () => {
  const items = [
    good(1),
    { source: { url: 'http://127.0.0.1/' } },
    good(2),
    { colour: 'red' },
    'no object',
    null,
    { ...good(3), webhookUrl: 'https://10.0.0.1/hook' },
    good(4),
  ]
  const answer = await send({ items })
  expect(answer.statusCode).toBe(202)
  const { data } = answer.json()
  expect(data.map((one: { code?: string; externalId?: string }) => one.code ?? one.externalId)).toEqual([
    'batch-1',
    'url_not_allowed',
    'batch-2',
    'invalid_request',
    'invalid_request',
    'invalid_request',
    'url_not_allowed',
    'batch-4',
  ])
  expect(data[1]).toMatchObject({ status: 422, requestId: answer.headers['x-request-id'], title: expect.any(String) })
  expect(data[6].errors).toEqual([{ path: 'webhookUrl', message: expect.stringContaining('called') }])
  expect(answer.body).not.toContain('CANARY')
})

test('a hundred addresses become a hundred assets, each with its task; the same again, the same assets', async () => {
  const items = Array.from({ length: 100 }, (_, n) => good(100 + n))
  const ids = async () => (await send({ items })).json().data.map((asset: { id: string }) => asset.id)
  const first = await ids()
  expect(new Set(first).size).toBe(100)
  expect(await ids()).toEqual(first)
  const tasks = await house.db.selectFrom('tasks').select('id').where('asset_id', 'in', first).execute()
  expect(tasks).toHaveLength(100)
})

test('what is new is answered as it is, and what was there before as far as it is by now', async () => {
  const viewed = async (...externalIds: string[]) => {
    const items = externalIds.map((externalId) => ({ ...good(0), externalId }))
    return (await send({ items })).json().data
  }
  const [fresh] = await viewed('viewed-1')
  const get = await app.inject({ url: `/v1/assets/${fresh.id}`, headers: { host: 'localhost' } })
  expect(fresh).toEqual(get.json())
  await house.db.updateTable('tasks').set({ progress: 1 }).where('asset_id', '=', fresh.id).execute()
  const later = await viewed('viewed-2', 'viewed-1', 'viewed-3', 'viewed-3')
  expect(later.map((one: { externalId: string }) => one.externalId)).toEqual([
    ...['viewed-2', 'viewed-1', 'viewed-3', 'viewed-3'],
  ])
  expect(later[1]).toMatchObject({ id: fresh.id, progress: 0.05 })
  expect(later[3].id).toBe(later[2].id)
})

test.each([
  ['no items', { items: [] }],
  ['more than a hundred', { items: Array.from({ length: 101 }, () => good(1)) }],
  ['another field', { items: [good(1)], wish: 1 }],
])('%s is refused as a whole', async (_what, body) => {
  const answer = await send(body)
  expect(answer.statusCode).toBe(400)
  expect(answer.json().code).toBe('invalid_request')
})
