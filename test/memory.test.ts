import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { openLocalStorage } from '../core/storage/local.ts'
import { type LiveHouse, liveHouse } from './setup/live-house.ts'

const secret = 'a secret that only this test knows'
const piece = randomBytes(1024 * 1024)
const pieces = 1_024

/** The most that a process has ever held, as the kernel counted it. */
async function peakMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024
}

describe('the memory of the API', () => {
  let house: LiveHouse
  beforeAll(async () => {
    house = await liveHouse({ env: { MAX_FORM_BYTES: '2GiB', SIGNING_SECRET: secret } })
  })

  it('stays under 200 MB while 1 GB streams in by a form and out again', { timeout: 180_000 }, async () => {
    const sent = createHash('sha256')
    async function* form() {
      yield Buffer.from('--x\r\ncontent-disposition: form-data; name="file"; filename="large.mp4"\r\n\r\n')
      for (let n = 0; n < pieces; n++) {
        sent.update(piece)
        yield piece
      }
      yield Buffer.from('\r\n--x--\r\n')
    }
    const answer = await fetch(`${house.url}/v1/assets`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
      body: form(),
      duplex: 'half',
    })
    expect(answer.status).toBe(202)
    const asset = (await answer.json()) as { id: string; source: { bytes: number; sha256: string } }
    expect(asset.source).toMatchObject({ bytes: pieces * piece.length, sha256: sent.digest('hex') })
    expect(await peakMegabytes(house.api.pid)).toBeLessThan(200)

    const storage = openLocalStorage({
      driver: 'local',
      dir: `${house.folder}/media`,
      publicUrl: house.url,
      signingSecret: secret,
    })
    const address = await storage.signedUrl(`default/${asset.id}/source/large.mp4`, { expiresInSeconds: 300 })
    const out = await fetch(address)
    expect(out.status).toBe(200)
    const received = createHash('sha256')
    for await (const chunk of out.body ?? []) received.update(chunk)
    expect(received.digest('hex')).toBe(asset.source.sha256)
    expect(await peakMegabytes(house.api.pid)).toBeLessThan(200)
    await storage.close()
  })
})
