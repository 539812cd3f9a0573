import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { openDatabase } from '../core/db/open.ts'
import { atEnd } from './setup/at-end.ts'
import { type LiveHouse, liveHouse } from './setup/live-house.ts'

let house: LiveHouse
let other: Awaited<ReturnType<LiveHouse['anotherApi']>>
let count: (table: 'assets' | 'tasks') => Promise<number>

beforeAll(async () => {
  house = await liveHouse()
  other = await house.anotherApi()
  const db = openDatabase({ url: house.databaseUrl, name: 'test', onError: () => undefined })
  atEnd(() => db.destroy())
  count = async (table) => (await db.selectFrom(table).select('id').execute()).length
})

const post = async (url: string, { key, externalId }: { key?: string; externalId?: string }) => {
  const headers = { 'content-type': 'application/json', ...(key === undefined ? {} : { 'idempotency-key': key }) }
  const body = JSON.stringify({ source: { url: 'https://example.com/cat.mp4' }, externalId })
  const answer = await fetch(`${url}/v1/assets`, { method: 'POST', headers, body })
  return { status: answer.status, text: await answer.text(), replayed: answer.headers.get('idempotent-replayed') }
}
const hundred = (same: { key?: string; externalId?: string }) =>
  Promise.all(Array.from({ length: 100 }, (_, n) => post(n % 2 ? house.url : other.url, same)))

describe('two API processes', () => {
  it('asked a hundred times at once with one key make one asset, and answer the same', async () => {
    const answers = await hundred({ key: randomUUID() })
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
    expect(answers[0]?.status).toBe(202)
    expect([await count('assets'), await count('tasks')]).toEqual([1, 1])
  })

  it('asked a hundred times at once with one external id make one asset', async () => {
    const before = await count('assets')
    const answers = await hundred({ externalId: 'cat' })
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]))
    expect(new Set(answers.map(({ text }) => JSON.parse(text).id)).size).toBe(1)
    expect(await count('assets')).toBe(before + 1)
  })

  it('one dies when it has made the asset and not yet answered: the other gives that asset, at once', async () => {
    const [key, before] = [randomUUID(), await count('assets')]
    const doomed = await house.anotherApi({ FAULT_POINT: 'answer-made:1' })
    await expect(post(doomed.url, { key })).rejects.toThrow()
    expect(await doomed.api.ended).toBe('SIGKILL')
    const again = await post(house.url, { key })
    expect(again).toMatchObject({ status: 202, replayed: null })
    expect(await post(house.url, { key })).toEqual({ ...again, replayed: 'true' })
    expect(await count('assets')).toBe(before + 1)
  })
})
