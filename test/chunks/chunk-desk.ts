import { createHash } from 'node:crypto'
import { beforeAll, expect } from 'vitest'
import { buildApp } from '../../api/app.ts'
import { handlers } from '../../workers/handlers.ts'
import { atEnd } from '../setup/at-end.ts'
import { onlyHandlers, readAsset, type TestHouse, testHouse } from '../setup/house.ts'
import { runTasks } from '../setup/run-through.ts'

/** A storage that chunks are kept on. */
export type Way = { name: string; env(): Promise<Record<string, string>> }

export type ChunkDesk = ReturnType<typeof chunkDesk>

export const chunkBytes = 256 * 1024
export const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest()
export const digest = (bytes: Buffer) => `sha-256=:${sha256(bytes).toString('base64')}:`
export const cut = (bytes: Buffer) =>
  Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, index) =>
    bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes),
  )

/** The chunk protocol as a client speaks it, to two API processes of one house. */
export function chunkDesk(way: Way) {
  let house: TestHouse
  let urls: string[] = []

  async function serve(changes: Partial<TestHouse['config']> = {}): Promise<string> {
    const app = await buildApp({ ...house, config: { ...house.config, ...changes } })
    atEnd(() => app.close())
    return app.listen({ host: '127.0.0.1', port: 0 })
  }
  beforeAll(async () => {
    house = await testHouse({ env: await way.env() })
    urls = [await serve(), await serve()]
  })

  async function call(method: string, path: string, body?: unknown, url = urls[0]) {
    const json =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    const answer = await fetch(`${url}${path}`, { method, ...json })
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) }
  }
  async function put(
    id: string,
    index: number | string,
    bytes: Buffer,
    headers: Record<string, string> = {},
    url = urls[0],
  ) {
    const answer = await fetch(`${url}/v1/uploads/${id}/chunks/${index}`, {
      method: 'PUT',
      body: new Uint8Array(bytes),
      headers,
    })
    const text = await answer.text()
    return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) }
  }
  async function begin(bytes: number, more: Record<string, unknown> = {}): Promise<string> {
    const { status, body } = await call('POST', '/v1/uploads', { filename: 'film.mp4', bytes, chunkBytes, ...more })
    expect(status).toBe(201)
    return body.id
  }
  async function stored(id: string): Promise<string[]> {
    const keys: string[] = []
    for await (const { key } of house.storage.list(`default/${id}/`)) keys.push(key)
    return keys
  }
  const eventsOf = async (id: string) =>
    (await house.db.selectFrom('events').select('type').where('asset_id', '=', id).orderBy('sequence').execute()).map(
      ({ type }) => type,
    )
  /** Seals and tidies, and looks at nothing. */
  async function settle(id: string) {
    const looked: string[] = []
    const inspect = async () => {
      looked.push(id)
      return { result: null }
    }
    await runTasks(house, id, onlyHandlers({ seal: handlers.seal, purge: handlers.purge, inspect }))
    return { asset: await readAsset(house, id), looked }
  }
  async function sourceOf(id: string): Promise<Buffer> {
    const { source_key } = await readAsset(house, id)
    return Buffer.concat(await (await house.storage.get(source_key ?? '')).toArray())
  }

  return {
    get house() {
      return house
    },
    get urls() {
      return urls
    },
    ...{ serve, call, put, begin, stored, eventsOf, settle, sourceOf },
  }
}
