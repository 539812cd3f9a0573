import { ingestJob } from '../../workers/ingest/ingest-job.ts'
import {
  batched,
  createTus,
  film,
  fitsValue,
  isText,
  namedByOrigin,
  type Outcome,
  outcomeOf,
  part,
  postJson,
  quoted,
  reachesIn,
  type Sender,
  sendForm,
  several,
  within,
} from './naughty-senders.ts'

export type { Outcome }

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
      name: 'tus: the name of a file, with metadata that says the same',
      lies: 'name',
      carries: (text) => text.isWellFormed(),
      takes: (text) => (fitsValue(text) ? true : undefined),
      send: (texts) => several(texts, (text) => (text.isWellFormed() ? createTus(sender, text) : undefined)),
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
