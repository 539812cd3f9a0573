import type { LightMyRequestResponse } from 'fastify'
import type { buildApp } from '../../api/app.ts'
import { SluiceError } from '../../core/errors.ts'
import { sourceKey } from '../../core/storage/keys.ts'
import { fetchSource } from '../../workers/ingest/fetch-source.ts'
import { ingestJob } from '../../workers/ingest/ingest-job.ts'
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

/** One way in. */
export type Way = {
  name: string
  /** Where it comes to lie: `source_filename`, made fit to be read, or a place that keeps every letter. */
  lies: 'name' | 'title' | 'label' | 'externalId'
  /** How it is written there, where that is not as it is. */
  written?(text: string): string
  /** Whether it can bear this text at all; what it cannot has no outcome. Left out: whatever it is. */
  carries?(text: string): boolean
  /** Whether it must be taken; undefined where both are right. */
  takes(text: string): boolean | undefined
  send(texts: readonly string[]): Promise<(Outcome | undefined)[]>
}

type App = Awaited<ReturnType<typeof buildApp>>
type Sender = { house: TestHouse; app: App }

/** Fit for Postgres, and for JSON. */
const isText = (text: string) => text.isWellFormed() && !text.includes('\0')
const letters = (text: string) => [...text].length
const within = (text: string, most: number) => text !== '' && letters(text) <= most
const fitsValue = (text: string) => isText(text) && letters(text) <= 2_000
const reachesIn = new Set(['__proto__'])
const host = { host: 'localhost' }
const film = 'https://example.com/film.mp4'

/** Several at a time, answered in their order. */
async function several<A, B>(items: readonly A[], one: (item: A, n: number) => Promise<B>): Promise<B[]> {
  const found: B[] = []
  const waiting = items.entries()
  const lane = async () => {
    for (const [n, item] of waiting) found[n] = await one(item, n)
  }
  await Promise.all(Array.from({ length: 8 }, lane))
  return found
}

function outcomeOf(answer: LightMyRequestResponse): Outcome {
  const body = answer.json<{ id?: string; assetId?: string; code?: string }>()
  const id = body.assetId ?? body.id
  return { status: answer.statusCode, answer, ...(id && { id }), ...(body.code && { code: body.code }) }
}

const postJson = ({ app }: Sender, url: string, body: object) =>
  app.inject({
    method: 'POST',
    url,
    headers: { ...host, 'content-type': 'application/json' },
    payload: JSON.stringify(body),
  })

/** As many in one call as may be; what no JSON may hold at all goes alone, since it spoils the whole call. */
function batched(sender: Sender, item: (text: string) => object, alone: (text: string) => boolean) {
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

const boundary = 'xXxboundaryxXx'
const part = (head: string, body: string) =>
  `--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n${body}\r\n`

/** A form by hand, because those who make forms for us put names in order first. */
async function sendForm({ app }: Sender, parts: string[]): Promise<Outcome> {
  const headers = { ...host, 'content-type': `multipart/form-data; boundary=${boundary}` }
  const payload = Buffer.from(`${parts.join('')}--${boundary}--\r\n`)
  return outcomeOf(await app.inject({ method: 'POST', url: '/v1/assets', headers, payload }))
}

/** As browsers write a name between quotes. */
const quoted = (text: string) =>
  text.toWellFormed().replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')

export function waysIn(sender: Sender): Way[] {
  const { house } = sender
  const item = (more: object) => ({ source: { url: film }, ...more })
  const strange = (text: string) => !isText(text)
  return [
    {
      name: 'a form: the name of its file, with metadata that says the same',
      lies: 'name',
      written: quoted,
      takes: (text) => (/[\p{Control}]|^$/u.test(text) || text.length > 2_000 ? undefined : true),
      send: (texts) =>
        several(texts, (text) => {
          const metadata = fitsValue(text) ? [part('name="metadata"', JSON.stringify({ title: text }))] : []
          return sendForm(sender, [...metadata, part(`name="file"; filename="${quoted(text)}"`, 'bytes')])
        }),
    },
    {
      name: 'metadata in a form that cannot be kept',
      lies: 'title',
      carries: (text) => !fitsValue(text),
      takes: () => false,
      send: (texts) =>
        several(texts, async (title) => {
          if (fitsValue(title)) return undefined
          const metadata = part('name="metadata"', JSON.stringify({ title }))
          return sendForm(sender, [metadata, part('name="file"; filename="a.mp4"', 'bytes')])
        }),
    },
    {
      name: 'a value of metadata',
      lies: 'title',
      takes: fitsValue,
      send: batched(sender, (title) => item({ metadata: { title } }), strange),
    },
    {
      name: 'a name in metadata',
      lies: 'label',
      takes: (text) => isText(text) && within(text, 100) && !reachesIn.has(text),
      send: batched(
        sender,
        (label) => item({ metadata: Object.fromEntries([[label, 'label']]) }),
        (text) => strange(text) || reachesIn.has(text),
      ),
    },
    {
      name: 'an external id',
      lies: 'externalId',
      takes: (text) => isText(text) && within(text, 255),
      send: batched(sender, (externalId) => item({ externalId }), strange),
    },
    {
      name: 'the last part of an address',
      lies: 'name',
      carries: (text) => text.isWellFormed(),
      takes: (text) => `https://example.com/a/${encodeURIComponent(text)}`.length <= 8_192,
      async send(texts) {
        const fit = texts.filter((text) => text.isWellFormed())
        const sent = await batched(
          sender,
          (text) => ({ source: { url: `https://example.com/a/${encodeURIComponent(text)}` } }),
          () => false,
        )(fit)
        const outcomes = new Map(fit.map((text, n) => [text, sent[n]]))
        return texts.map((text) => outcomes.get(text))
      },
    },
    {
      name: 'the name that an origin gives',
      lies: 'name',
      // A line ends there: what follows is another header of the origin's own.
      carries: (text) => !/[\r\n]/.test(text),
      takes: () => undefined,
      async send(texts) {
        const outcomes = await namedByOrigin(sender, texts, (text) => `filename="${text.replace(/["\\]/g, '\\$&')}"`)
        return outcomes.map((outcome, n) => (/[\r\n]/.test(texts[n] ?? '') ? undefined : outcome))
      },
    },
    {
      name: 'the name that an origin gives in letters of its own',
      lies: 'name',
      takes: (text) =>
        text.isWellFormed() && text !== '' && encodeURIComponent(text).length < 8_000 ? true : undefined,
      send: (texts) =>
        namedByOrigin(
          sender,
          texts,
          (text) => `filename*=UTF-8''${encodeURIComponent(text.toWellFormed()).replace(/['()*]/g, escape)}`,
        ),
    },
    {
      name: 'a job of the queue',
      lies: 'title',
      takes: fitsValue,
      send: (texts) =>
        several(texts, async (title, n) => {
          const data = JSON.parse(JSON.stringify({ source: { url: film }, metadata: { title } })) as unknown
          try {
            return { status: 202, id: await ingestJob({ house, job: { id: `naughty-${n}`, timestamp: 1, data } }) }
          } catch (error) {
            return { status: 400, code: String(error).includes('invalid_request') ? 'invalid_request' : String(error) }
          }
        }),
    },
    {
      name: 'an upload in chunks',
      lies: 'name',
      takes: (text) => isText(text) && within(text, 4_096),
      send: (texts) =>
        several(texts, async (filename) => outcomeOf(await postJson(sender, '/v1/uploads', { filename, bytes: 1 }))),
    },
  ]
}

/** Fetched as a task does it, from a stranger's server that answers with these very bytes. */
async function namedByOrigin({ house }: Sender, texts: readonly string[], disposition: (text: string) => string) {
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
