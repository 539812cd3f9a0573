import { request as httpRequest } from 'node:http'
import { setTimeout as rest } from 'node:timers/promises'
import { apiOf, call, conclude, insist, keyHeaders, type Sending, wishes } from './clients.ts'

const version = { 'tus-resumable': '1.0.0' }

const metadata = (fields: Record<string, string>) =>
  Object.entries(fields)
    .map(([name, text]) => `${name} ${Buffer.from(text).toString('base64')}`)
    .join(',')

/** By hand, since what a client library hides is what is looked at: hangs up where its plan says, asks for the offset, goes on. */
export async function sendOverTus(sending: Sending): Promise<string | undefined> {
  const { item, bytes } = sending
  const { profile, metadata: own, externalId } = { externalId: undefined, ...wishes(sending) }
  const said = { filename: item.media, profile, metadata: JSON.stringify(own), ...(externalId ? { externalId } : {}) }
  const headers = { ...version, 'upload-length': String(bytes.length), 'upload-metadata': metadata(said) }
  const begun = await insist(sending, {
    again: item.key !== undefined,
    make: (api) => [`${api}/v1/tus`, { method: 'POST', headers: { ...headers, ...keyHeaders(sending) } }],
  })
  const location = begun?.headers.get('location')
  if (begun === undefined || !location) return conclude(sending, begun, undefined)
  const path = URL.parse(location)?.pathname ?? location
  const id = path.split('/').at(-1) ?? ''
  const cuts = item.cuts.map((share) => Math.floor(share * bytes.length)).sort((a, b) => a - b)
  let offset = 0
  for (let tries = 0; offset < bytes.length; tries++) {
    if (sending.until.aborted) return undefined
    const to = cuts.find((cut) => cut > offset)
    const answer = await patch(sending, `${apiOf(sending, tries)}${path}`, { offset, to })
    if (answer?.status === 204 && answer.offset !== undefined) {
      offset = answer.offset
      note(sending, id, offset, 'answer')
      continue
    }
    if (answer !== undefined && [403, 404, 410].includes(answer.status))
      return conclude(sending, { status: answer.status, headers: new Headers(), body: {} }, undefined)
    await rest(Math.min(1_500, 50 * 2 ** Math.min(tries, 6)))
    offset = (await headOf(sending, path, id)) ?? offset
  }
  return conclude(sending, { status: 204, headers: new Headers(), body: {} }, id)
}

/** Sends on from an offset; hangs up at `to`, where there is one. */
function patch(
  { bytes, secret, until }: Sending,
  url: string,
  { offset, to }: { offset: number; to: number | undefined },
): Promise<{ status: number; offset: number | undefined } | undefined> {
  const headers = {
    ...version,
    'content-type': 'application/offset+octet-stream',
    'upload-offset': offset,
    'content-length': bytes.length - offset,
    authorization: `Bearer ${secret}`,
  }
  return new Promise((resolve) => {
    const signal = AbortSignal.any([until, AbortSignal.timeout(15_000)])
    const request = httpRequest(url, { method: 'PATCH', headers, signal, agent: false }, (answer) => {
      answer.resume()
      const said = Number(answer.headers['upload-offset'] ?? Number.NaN)
      resolve({ status: answer.statusCode ?? 0, offset: Number.isNaN(said) ? undefined : said })
    })
    request.on('error', () => resolve(undefined)).on('close', () => resolve(undefined))
    if (to === undefined) request.end(bytes.subarray(offset))
    else request.write(bytes.subarray(offset, to), () => setTimeout(() => request.destroy(), 30))
  })
}

async function headOf(sending: Sending, path: string, id: string): Promise<number | undefined> {
  for (let tries = 0; !sending.until.aborted; tries++) {
    const answer = await call(sending, `${apiOf(sending, tries)}${path}`, { method: 'HEAD', headers: version })
    const said = answer?.headers.get('upload-offset')
    if (said) {
      note(sending, id, Number(said), 'head')
      return Number(said)
    }
    if (answer !== undefined && answer.status < 500 && ![409, 423, 429].includes(answer.status)) return undefined
    await rest(Math.min(1_500, 100 * 2 ** tries))
  }
  return undefined
}

function note({ history, item }: Sending, upload: string, offset: number, from: 'answer' | 'head'): void {
  history.write({ what: 'offset', item: item.name, upload, offset, from })
}
