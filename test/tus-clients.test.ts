import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { beforeAll, describe, expect, it } from 'vitest'
import { cuttingProxy } from './setup/cutting-proxy.ts'
import { landed } from './setup/landed.ts'
import { type LiveHouse, liveHouse } from './setup/live-house.ts'
import { seeded } from './setup/seeded.ts'
import { uploadOverTus } from './setup/tus-client.ts'

// The long form: TUS_CUTS=20 TUS_MIB=200.
const MiB = Number(process.env['TUS_MIB'] ?? 24)
const cutCount = Number(process.env['TUS_CUTS'] ?? 6)
const seed = Number(process.env['TUS_SEED'] ?? Date.now() % 1e6)

let house: LiveHouse
let urls: string[]

beforeAll(async () => {
  house = await liveHouse()
  urls = [house.url, (await house.anotherApi()).url]
})

const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex')

describe('tus-js-client as it comes', () => {
  it(`gets ${MiB} MiB through ${cutCount} cuts, each time on another process, seed ${seed}`, {
    timeout: 300_000,
  }, async () => {
    const random = seeded(seed)
    const data = randomBytes(MiB * 2 ** 20)
    const cuts = Array.from({ length: cutCount }, () => Math.floor(random() * data.length))
    const proxy = await cuttingProxy({ targets: urls, cuts })
    const { id } = await uploadOverTus(proxy.url, data)
    expect(proxy.cutsMade()).toBe(cutCount)
    expect(await landed(house, id)).toEqual({
      status: 'queued',
      bytes: data.length,
      sha256: sha256(data),
      inRow: null,
      assets: 1,
      events: ['asset.created', 'asset.uploaded'],
    })
  })

  it('uploads in four parts at once', async () => {
    const data = randomBytes(9 * 2 ** 20 + 1)
    const { id } = await uploadOverTus(house.url, data, { parallelUploads: 4, metadata: { filename: 'film.mp4' } })
    expect(await landed(house, id)).toMatchObject({
      bytes: data.length,
      sha256: sha256(data),
      events: ['asset.created', 'asset.uploaded'],
    })
  })

  it('uploads in small steps, and when it does not know the length beforehand', async () => {
    const data = randomBytes(3 * 2 ** 20 + 5)
    const { id } = await uploadOverTus(house.url, data, { chunkSize: 2 ** 20 })
    expect(await landed(house, id)).toMatchObject({ sha256: sha256(data), inRow: sha256(data) })
    const stream = Readable.from(data, { objectMode: false })
    const later = await uploadOverTus(house.url, stream, { chunkSize: 2 ** 20, uploadLengthDeferred: true })
    expect(await landed(house, later.id)).toMatchObject({ sha256: sha256(data) })
  })

  it('uploads the way Uppy has it do', async () => {
    const data = randomBytes(2 ** 20)
    const heard: string[] = []
    const { id } = await uploadOverTus(house.url, data, {
      uploadDataDuringCreation: true,
      addRequestId: true,
      chunkSize: Number.POSITIVE_INFINITY,
      overridePatchMethod: false,
      retryDelays: [0, 1000, 3000, 5000],
      storeFingerprintForResuming: true,
      metadata: { relativePath: 'null', name: 'holiday.mp4', type: 'video/mp4', caption: 'Sommer' },
      onAfterResponse: (_request, response) => void heard.push(response.getHeader('X-Request-Id') ?? ''),
    })
    expect(heard).toHaveLength(1)
    expect(await house.client.asset(id)).toMatchObject({
      source: { filename: 'holiday.mp4', bytes: data.length },
      metadata: {},
    })
    expect(await landed(house, id)).toMatchObject({ sha256: sha256(data), inRow: sha256(data) })
  })

  it('gives an upload up when told to', async () => {
    const data = randomBytes(8 * 2 ** 20)
    const { id } = await new Promise<{ id: string }>((resolve, reject) => {
      void import('tus-js-client').then(({ Upload }) => {
        const upload = new Upload(data, {
          endpoint: `${house.url}/v1/tus`,
          chunkSize: 2 ** 20,
          onError: reject,
          onChunkComplete: () =>
            void upload.abort(true).then(() => resolve({ id: upload.url?.split('/').at(-1) ?? '' }), reject),
        })
        upload.start()
      })
    })
    expect((await house.client.asset(id)).status).toBe('cancelled')
  })
})
