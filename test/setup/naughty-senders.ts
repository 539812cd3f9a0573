import type { LightMyRequestResponse } from 'fastify'
import type { buildApp } from '../../api/app.ts'
import { SluiceError } from '../../core/errors.ts'
import { sourceKey } from '../../core/storage/keys.ts'
import { fetchSource } from '../../workers/ingest/fetch-source.ts'
import type { TestHouse } from './house.ts'
import { origin } from './naughty-origin.ts'

/** What became of one text: which asset it went to, or why it was refused. `kept` where it does not lie in an asset's row. */
export type Outcome = {
  status: number
  code?: string
  id?: string
  kept?: string | undefined
  key?: string
  answer?: LightMyRequestResponse
}

type App = Awaited<ReturnType<typeof buildApp>>
export type Sender = { house: TestHouse; app: App }

/** Fit for Postgres, and for JSON. */
export const isText = (text: string) => text.isWellFormed() && !text.includes('\0')
const letters = (text: string) => [...text].length
export const within = (text: string, most: number) => text !== '' && letters(text) <= most
export const fitsValue = (text: string) => isText(text) && letters(text) <= 2_000
export const reachesIn = new Set(['__proto__'])
const host = { host: 'localhost' }
export const film = 'https://example.com/film.mp4'

/** Several at a time, answered in their order. */
export async function several<A, B>(items: readonly A[], one: (item: A, n: number) => Promise<B> | B): Promise<B[]> {
  const found: B[] = []
  const waiting = items.entries()
  const lane = async () => {
    for (const [n, item] of waiting) found[n] = await one(item, n)
  }
  await Promise.all(Array.from({ length: 8 }, lane))
  return found
}

export function outcomeOf(answer: LightMyRequestResponse): Outcome {
  const body = answer.json<{ id?: string; assetId?: string; code?: string }>()
  const id = body.assetId ?? body.id
  return { status: answer.statusCode, answer, ...(id && { id }), ...(body.code && { code: body.code }) }
}

export const postJson = ({ app }: Sender, url: string, body: object) =>
  app.inject({
    method: 'POST',
    url,
    headers: { ...host, 'content-type': 'application/json' },
    payload: JSON.stringify(body),
  })

/** As many in one call as may be; what no JSON may hold at all goes alone, since it spoils the whole call. */
export function batched(sender: Sender, item: (text: string) => object, alone: (text: string) => boolean) {
  return async (texts: readonly string[]): Promise<Outcome[]> => {
    const outcomes = new Map<string, Outcome>()
    const plain = texts.filter((text) => !alone(text))
    for (let at = 0; at < plain.length; at += 100) {
      const some = plain.slice(at, at + 100)
      const answer = await postJson(sender, '/v1/assets/batch', { items: some.map(item) })
      const data = answer.json<{ data: { id?: string; code?: string; status: number | string }[] }>().data
      for (const [n, { id, code, status }] of data.entries())
        outcomes.set(some[n] ?? '', {
          status: typeof status === 'number' ? status : 202,
          ...(code ? { code } : { id: id ?? '' }),
        })
    }
    await several(texts.filter(alone), async (text) =>
      outcomes.set(text, outcomeOf(await postJson(sender, '/v1/assets', item(text)))),
    )
    return texts.map((text) => outcomes.get(text) ?? { status: 0 })
  }
}

export async function createTus({ app }: Sender, text: string): Promise<Outcome> {
  const encoded = Buffer.from(text).toString('base64')
  const metadata = fitsValue(text) ? `,metadata.title ${encoded}` : ''
  const headers = {
    'tus-resumable': '1.0.0',
    'upload-length': '1',
    'upload-metadata': `filename ${encoded}${metadata}`,
  }
  const answer = await app.inject({ method: 'POST', url: '/v1/tus', headers: { ...host, ...headers } })
  if (answer.statusCode >= 300) return outcomeOf(answer)
  return { status: answer.statusCode, answer, id: String(answer.headers['asset-id']) }
}

const boundary = 'xXxboundaryxXx'
export const part = (head: string, body: string) =>
  `--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n${body}\r\n`

/** A form by hand, because those who make forms for us put names in order first. */
export async function sendForm({ app }: Sender, parts: string[]): Promise<Outcome> {
  const headers = { ...host, 'content-type': `multipart/form-data; boundary=${boundary}` }
  const payload = Buffer.from(`${parts.join('')}--${boundary}--\r\n`)
  return outcomeOf(await app.inject({ method: 'POST', url: '/v1/assets', headers, payload }))
}

/** As browsers write a name between quotes. */
export const quoted = (text: string) =>
  text.toWellFormed().replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')

/** Fetched as a task does it, from a stranger's server that answers with these very bytes. */
export async function namedByOrigin(
  { house }: Sender,
  texts: readonly string[],
  disposition: (text: string) => string,
) {
  const { address, close } = await origin((n) => disposition(texts[n] ?? ''))
  const bench = { signal: new AbortController().signal, progress: () => undefined, guard: () => undefined }
  try {
    return await several(texts, async (_text, n): Promise<Outcome> => {
      const asset = { tenant: 'default', id: `019a0000-0000-7000-8000-${String(n).padStart(12, '0')}` }
      const options = { storage: house.storage, allow: ['127.0.0.1'], limits: { maxBytes: 100 }, bench }
      try {
        const { key, filename } = await fetchSource({
          ...options,
          url: `${address}/?${n}`,
          key: (name) => sourceKey(asset, name),
        })
        return { status: 202, kept: filename, key }
      } catch (error) {
        if (error instanceof SluiceError) return { status: error.status, code: error.code }
        throw error
      }
    })
  } finally {
    await close()
  }
}
