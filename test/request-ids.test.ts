import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { createLogger } from '../core/logger.ts'
import { ingestJob } from '../workers/ingest/ingest-job.ts'
import { bearer, type KeyedApp, keyedApp } from './setup/app.ts'
import { onlyHandlers } from './setup/house.ts'
import { runTasks } from './setup/run-through.ts'
import { bytesType } from './setup/tus.ts'

let keyed: KeyedApp
let headers: Record<string, string>
const lines: Record<string, unknown>[] = []
const log = createLogger({ level: 'info', name: 'test' }, { write: (line) => void lines.push(JSON.parse(line)) })
beforeAll(async () => {
  keyed = await keyedApp()
  headers = bearer(await keyed.keyFor('default', ['uploads']))
})

/** What stands on the lines that a worker writes about an asset, its tasks being no matter here. */
async function idsOnLines(assetId: string): Promise<unknown[]> {
  const done = async () => ({ result: null })
  await runTasks({ ...keyed.house, log }, assetId, onlyHandlers({ seal: done, inspect: done, fetch: done }))
  const about = lines.filter((line) => line['assetId'] === assetId)
  expect(about.length).toBeGreaterThan(0)
  return [...new Set(about.map((line) => line['requestId']))]
}
const ask = (method: 'POST' | 'PATCH' | 'PUT', url: string, more: Record<string, string>, payload?: object) =>
  keyed.app.inject({ method, url, headers: { ...headers, ...more }, ...(payload ? { payload } : {}) })

describe('the lines of a worker bear the id of the answer', () => {
  it('to the request that brought the last bytes over tus', async () => {
    const tus = { 'tus-resumable': '1.0.0' }
    const begun = await ask('POST', '/v1/tus', { ...tus, 'upload-length': '6', 'x-request-id': 'begins-it' })
    const url = String(begun.headers.location)
    const send = (offset: number, id: string) =>
      ask(
        'PATCH',
        new URL(url, 'http://localhost').pathname,
        { ...tus, 'content-type': bytesType, 'upload-offset': String(offset), 'x-request-id': id },
        Buffer.from('abc'),
      )
    await send(0, 'goes-on')
    const last = await send(3, 'brings-the-last')
    expect([last.statusCode, last.headers['x-request-id']]).toEqual([204, 'brings-the-last'])
    expect(await idsOnLines(String(begun.headers['asset-id']))).toEqual(['brings-the-last'])
  })

  it('to the request that completed an upload in chunks, named by us where the caller did not', async () => {
    const begun = await ask('POST', '/v1/uploads', {}, { bytes: 3, filename: 'a.mp4' })
    expect(begun.json()).toMatchObject({ status: 'open' })
    const { id } = begun.json()
    const chunk = { 'content-type': 'application/octet-stream' }
    expect((await ask('PUT', `/v1/uploads/${id}/chunks/0`, chunk, Buffer.from('abc'))).statusCode).toBeLessThan(300)
    const complete = await ask('POST', `/v1/uploads/${id}/complete`, {}, {})
    expect(complete.statusCode).toBe(202)
    expect(await idsOnLines(id)).toEqual([complete.headers['x-request-id']])
  })

  it('to a producer without HTTP, which is the id of its job; one that is no id stands nowhere', async () => {
    const job = (id: string) => ({ id, timestamp: 1, data: { source: { url: 'https://example.com/a.mp4' } } })
    const id = randomUUID()
    const house = { ...keyed.house, log }
    expect(await idsOnLines(await ingestJob({ house, job: job(id) }))).toEqual([id])
    const odd = await ingestJob({ house, job: job('"}\n{"level":"fatal') })
    expect(await idsOnLines(odd)).toEqual([undefined])
    const refused = ingestJob({ house, job: { ...job('refused-1'), data: {} } })
    await expect(refused).rejects.toThrow('invalid_request')
    expect(lines.at(-1)).toMatchObject({ requestId: 'refused-1', jobId: 'refused-1' })
  })
})
