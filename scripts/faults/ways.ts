import { setTimeout as rest } from 'node:timers/promises'
import { conclude, insist, keyHeaders, type Sending, wishes } from './clients.ts'
import { sendOverTus } from './tus-way.ts'

/** One way in, to its end: the id of the asset once the house has said that it has it. */
type Way = (sending: Sending) => Promise<string | undefined>

const form: Way = async (sending) => {
  const { item, bytes } = sending
  const make = (api: string): [string, RequestInit] => {
    const body = new FormData()
    for (const [name, value] of Object.entries(wishes(sending)))
      body.set(name, typeof value === 'string' ? value : JSON.stringify(value))
    body.set('file', new Blob([bytes]), item.media)
    return [`${api}/v1/assets`, { method: 'POST', body, headers: keyHeaders(sending) }]
  }
  const answer = await insist(sending, { again: item.key !== undefined, make })
  return conclude(sending, answer, answer?.body['id'])
}

const address: Way = async (sending) => {
  const make = (api: string) =>
    json(sending, `${api}/v1/assets`, { ...wishes(sending), source: { url: sending.address } })
  const answer = await insist(sending, { again: sending.item.key !== undefined, make })
  return conclude(sending, answer, answer?.body['id'])
}

const chunkBytes = 256 * 1024

const chunks: Way = async (sending) => {
  const { item, bytes, sha256, history } = sending
  const wish = { ...wishes(sending), filename: item.media, bytes: bytes.length, chunkBytes, sha256 }
  const begun = await insist(sending, {
    again: item.key !== undefined,
    make: (api) => json(sending, `${api}/v1/uploads`, wish),
  })
  const id = begun?.body['id']
  if (begun === undefined || typeof id !== 'string') return conclude(sending, begun, undefined)
  const numbers = Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, n) => n)
  // Out of order, and some of them twice.
  const order = [...numbers.toReversed(), ...item.cuts.map((share) => Math.floor(share * numbers.length))]
  for (const n of order) {
    const body = bytes.subarray(n * chunkBytes, (n + 1) * chunkBytes)
    const put = await insist(sending, {
      again: true,
      make: (api) => [
        `${api}/v1/uploads/${id}/chunks/${n}`,
        { method: 'PUT', body, headers: { 'content-type': 'x/y' } },
      ],
    })
    if (put === undefined || put.status !== 204) return conclude(sending, put, undefined)
    history.write({ what: 'offset', item: item.name, upload: `${id}/${n}`, offset: body.length, from: 'answer' })
  }
  const complete = await insist(sending, {
    again: true,
    make: (api) => [`${api}/v1/uploads/${id}/complete`, { method: 'POST' }],
  })
  return conclude(sending, complete, complete?.body['id'])
}

function json(sending: Sending, url: string, body: unknown): [string, RequestInit] {
  const headers = { 'content-type': 'application/json', ...keyHeaders(sending) }
  return [url, { method: 'POST', body: JSON.stringify(body), headers }]
}

const ways: Record<Sending['item']['way'], Way> = { form, address, chunks, tus: sendOverTus }

/** Sends one item as its plan says: some of them several times at once, some of them only to be deleted. */
export async function send(sending: Sending): Promise<void> {
  const { item, history, bytes, sha256 } = sending
  await rest(item.atMs)
  const key = item.key && `${item.key} of ${item.name}`
  history.write({ what: 'sent', item: item.name, way: item.way, key, bytes: bytes.length, sha256 })
  const twins = item.key === undefined || item.way === 'tus' ? 0 : item.twins
  const ids = await Promise.all(Array.from({ length: twins + 1 }, () => ways[item.way](sending)))
  const id = ids.find((one) => one !== undefined)
  if (item.deletedAfterMs === undefined || id === undefined) return
  await rest(item.deletedAfterMs)
  const gone = await insist(sending, { again: true, make: (api) => [`${api}/v1/assets/${id}`, { method: 'DELETE' }] })
  // Of two tries the first may have done it.
  if (gone?.status === 204 || gone?.status === 404) history.write({ what: 'deleted', item: item.name, assetId: id })
}
