import { execFile } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { Webhook } from 'standardwebhooks'
import { beforeAll, describe, expect, it } from 'vitest'
import { expressBackend } from '../docs/examples/express.ts'
import { fastifyBackend } from '../docs/examples/fastify.ts'
import { noisePng } from '../fixtures/images.ts'
import { atEnd } from './setup/at-end.ts'
import { cuttingProxy } from './setup/cutting-proxy.ts'
import { type LiveHouse, liveHouse } from './setup/live-house.ts'
import { tempFolder } from './setup/temp-folder.ts'

const run = promisify(execFile)
const example = (name: string) => fileURLToPath(new URL(`../docs/examples/${name}`, import.meta.url))
const webhookSecret = `whsec_${Buffer.from('a secret of thirty-two bytes, ok').toString('base64')}`

let house: LiveHouse
let picture: Buffer
let path: string
beforeAll(async () => {
  house = await liveHouse({ env: { FETCH_ALLOW: '127.0.0.1' } })
  picture = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#246' } })
    .png()
    .toBuffer()
  path = `${await tempFolder()}/film über alles.png`
  await writeFile(path, picture)
  await house.worker()
})

/** An example's backend on a port of its own, and what it was told was ready. */
async function backends() {
  const ready: string[] = []
  const onReady = async ({ id }: { id: string }) => void ready.push(id)
  const options = { sluice: house.client, webhookSecret, onReady }
  const express = createServer(expressBackend(options))
  await once(express.listen(0, '127.0.0.1'), 'listening')
  const fastify = fastifyBackend(options)
  atEnd(async () => {
    express.close()
    express.closeAllConnections()
    await fastify.close()
  })
  const here = await fastify.listen({ host: '127.0.0.1', port: 0 })
  return { ready, express: `http://127.0.0.1:${(express.address() as AddressInfo).port}`, fastify: here }
}

function signedEvent(id: string) {
  const body = JSON.stringify({ type: 'asset.ready', timestamp: new Date().toISOString(), data: { id } })
  const [name, at] = [`msg_${id}`, new Date()]
  const headers = {
    'content-type': 'application/json',
    'webhook-id': name,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': new Webhook(webhookSecret).sign(name, at, body),
  }
  return { method: 'POST', body, headers }
}

type Told = { token: string; url: string; assetId: string }
const told = async (url: string, init?: RequestInit) => (await (await fetch(url, init)).json()) as Told

describe('the examples', () => {
  it('on Express and Fastify hand out tokens, make addresses last, pass uploads on, and believe only what is signed', async () => {
    const { express, fastify, ready } = await backends()
    const origin = createServer((_request, response) => response.end(picture))
    await once(origin.listen(0, '127.0.0.1'), 'listening')
    atEnd(async () => void origin.close())
    const url = `http://127.0.0.1:${(origin.address() as AddressInfo).port}/of-the-moment.png`

    const { token } = await told(`${express}/upload-token`, { method: 'POST' })
    expect(token).toMatch(/^slu_/)

    const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ url }) }
    const lasting = await told(`${express}/pictures`, json)
    expect(Buffer.from(await (await fetch(lasting.url)).arrayBuffer()).equals(picture)).toBe(true)

    const sent = { method: 'PUT', body: new Uint8Array(picture) }
    const { assetId } = await told(`${fastify}/films/film.png`, sent)
    expect(await told(`${fastify}/films/${assetId}`)).toMatchObject({ thumbnails: [{}, {}, {}] })

    for (const backend of [express, fastify]) {
      const id = randomUUID()
      const event = signedEvent(id)
      const changed = { ...event, body: event.body.replace('ready', 'failed') }
      expect((await fetch(`${backend}/webhooks/sluice`, changed)).status).toBe(401)
      expect((await fetch(`${backend}/webhooks/sluice`, event)).status).toBe(204)
      expect(ready).toContain(id)
    }
  })

  it('with curl and with Python alone upload a file, which becomes ready', async () => {
    const env = { ...process.env, SLUICE_URL: house.url }
    const [curl, python] = await Promise.all([
      run('bash', [example('upload.sh'), path], { env }),
      run('python3', [example('upload.py'), path], { env }),
    ])
    const byCurl = await house.client.waitUntilReady(curl.stdout.trim())
    expect(byCurl.source).toMatchObject({ filename: 'film über alles.png', bytes: picture.length })
    const byPython = JSON.parse(python.stdout)
    expect(byPython.status).toBe('ready')
    expect(byPython.images[0].name).toBe('original')
  })

  it.each([
    ['bash', 'upload.sh'],
    ['python3', 'upload.py'],
  ])('%s %s gets through a line that breaks, and goes on with what another run had begun', async (shell, script) => {
    const data = await noisePng({ width: 500, height: 400 })
    const photo = `${await tempFolder()}/photo.png`
    await writeFile(photo, data)
    const externalId = randomUUID()
    const id = await begun(externalId, data, 2 ** 17)
    const proxy = await cuttingProxy({ targets: [house.url, house.url], cuts: [2 ** 18] })
    const env = { ...process.env, SLUICE_URL: proxy.url }
    const { stdout, stderr } = await run(shell, [example(script), photo, externalId], { env })
    expect(stdout).toContain(id)
    expect(proxy.cutsMade()).toBe(1)
    expect(stderr).toMatch(new RegExp(`^\\d+ of ${data.length} bytes$`, 'm'))
    const sha256 = createHash('sha256').update(data).digest('hex')
    expect((await house.client.waitUntilReady(id)).source).toMatchObject({ bytes: data.length, sha256 })
  })

  /** As a program leaves it that was stopped in the middle. */
  async function begun(externalId: string, data: Buffer, bytes: number): Promise<string> {
    const tus = { 'tus-resumable': '1.0.0' }
    const said = { 'upload-length': String(data.length), 'upload-metadata': `externalId ${btoa(externalId)}` }
    const made = await fetch(`${house.url}/v1/tus`, { method: 'POST', headers: { ...tus, ...said } })
    const { href } = new URL(made.headers.get('location') ?? '', house.url)
    const headers = { ...tus, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' }
    const sent = await fetch(href, { method: 'PATCH', headers, body: new Uint8Array(data.subarray(0, bytes)) })
    expect(sent.headers.get('upload-offset')).toBe(String(bytes))
    return made.headers.get('asset-id') ?? ''
  }
})
