import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { request } from 'node:http'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { buildApp } from '../api/app.ts'
import { atEnd } from './setup/at-end.ts'
import { type TestHouse, testHouse } from './setup/house.ts'

let house: TestHouse
let url = ''

beforeAll(async () => {
  house = await testHouse({ env: { MAX_FORM_BYTES: '1MiB' } })
  const app = await buildApp(house)
  atEnd(() => app.close())
  url = await app.listen({ host: '127.0.0.1', port: 0 })
})

async function send(parts: [string, string | Blob, string?][]) {
  const form = new FormData()
  for (const [name, value, filename] of parts) {
    if (typeof value === 'string') form.append(name, value)
    else form.append(name, value, filename)
  }
  const answer = await fetch(`${url}/v1/assets`, { method: 'POST', body: form })
  return { status: answer.status, body: (await answer.json()) as Record<string, never> & { id: string; code: string } }
}
async function stored(): Promise<string[]> {
  const files = await readdir(house.config.STORAGE_DIR, { recursive: true, withFileTypes: true })
  return files.filter((file) => file.isFile()).map((file) => `${file.parentPath}/${file.name}`)
}
const bytes = Buffer.from('not really a film, but bytes')

describe('a file in a form', () => {
  it('is stored whole before the answer, hashed, with fields before and after it', async () => {
    const { status, body } = await send([
      ['externalId', 'form-1'],
      ['file', new Blob([bytes]), 'Ümläut film (1).mp4'],
      ['metadata', '{"album":"a","n":2}'],
    ])
    expect(status).toBe(202)
    expect(body).toMatchObject({
      externalId: 'form-1',
      metadata: { album: 'a', n: 2 },
      source: {
        type: 'upload',
        filename: 'Ümläut film (1).mp4',
        bytes: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      },
    })
    const tasks = await house.db.selectFrom('tasks').select(['key', 'status']).where('asset_id', '=', body.id).execute()
    expect(tasks).toEqual([{ key: 'inspect', status: 'pending' }])
  })

  it('with an external id that is known gives the asset that was there, and keeps no second copy', async () => {
    const before = await stored()
    const { status, body } = await send([
      ['file', new Blob(['other bytes']), 'b.mp4'],
      ['externalId', 'form-1'],
    ])
    expect(status).toBe(202)
    expect(body).toMatchObject({ externalId: 'form-1', source: { bytes: bytes.length } })
    expect(await stored()).toEqual(before)
  })

  it.each([
    ['no file', [['externalId', 'x']], 400, 'invalid_request'],
    ['an empty file', [['file', new Blob([]), 'a.mp4']], 400, 'invalid_request'],
    ['a file under another name', [['video', new Blob(['x']), 'a.mp4']], 400, 'invalid_request'],
    [
      'two files',
      [
        ['file', new Blob(['x']), 'a.mp4'],
        ['file', new Blob(['y']), 'b.mp4'],
      ],
      400,
      'invalid_request',
    ],
    [
      'an unknown field after it',
      [
        ['file', new Blob(['x']), 'a.mp4'],
        ['colour', 'red'],
      ],
      400,
      'invalid_request',
    ],
    [
      'metadata that is no JSON',
      [
        ['file', new Blob(['x']), 'a.mp4'],
        ['metadata', '{'],
      ],
      400,
      'invalid_request',
    ],
    [
      'a field twice',
      [
        ['priority', 'low'],
        ['priority', 'high'],
        ['file', new Blob(['x']), 'a.mp4'],
      ],
      400,
      'invalid_request',
    ],
    ['too many bytes', [['file', new Blob([Buffer.alloc(3 * 2 ** 20)]), 'a.mp4']], 413, 'too_large'],
    ['a byte too many', [['file', new Blob([Buffer.alloc(2 ** 20 + 1)]), 'a.mp4']], 413, 'too_large'],
  ] as [string, [string, string | Blob, string?][], number, string][])(
    '%s is refused, and leaves nothing behind',
    async (_what, parts, status, code) => {
      const before = await stored()
      const answer = await send(parts)
      expect(answer).toMatchObject({ status, body: { code } })
      expect(await stored()).toEqual(before)
    },
  )

  it.each([
    ['without a boundary', 'multipart/form-data', 'x', 'malformed_request'],
    [
      'that ends too early',
      'multipart/form-data; boundary=x',
      '--x\r\ncontent-disposition: form-data; name="file"; filename="a.mp4"\r\n\r\nabc',
      'upload_interrupted',
    ],
  ])('%s is refused as the caller’s mistake, and leaves nothing behind', async (_what, type, body, code) => {
    const before = await stored()
    const answer = await fetch(`${url}/v1/assets`, { method: 'POST', headers: { 'content-type': type }, body })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ code })
    expect(await stored()).toEqual(before)
  })

  it('whose sender hangs up in the middle leaves nothing behind, and makes no asset', async () => {
    const before = await stored()
    const count = () => house.db.selectFrom('assets').select('id').execute()
    const assets = (await count()).length
    const sending = request(`${url}/v1/assets`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=x', 'content-length': 500_000 },
    })
    sending.on('error', () => sending.destroy())
    sending.write('--x\r\ncontent-disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n')
    sending.write(Buffer.alloc(200_000))
    await vi.waitFor(async () => expect((await stored()).length).toBeGreaterThan(before.length))
    sending.destroy()
    await vi.waitFor(async () => expect(await stored()).toEqual(before))
    expect(await count()).toHaveLength(assets)
  })

  it('a stranger’s file name is data and never a path', async () => {
    for (const name of [
      '../../etc/cron.d/x',
      '..\\..\\x.mp4',
      '/etc/passwd',
      'a\u202egpj.exe',
      '.bashrc',
      'con',
      '-y.mp4',
      'x'.repeat(4_000),
    ]) {
      const { status, body } = await send([['file', new Blob(['x']), name]])
      expect(status, name).toBe(202)
      const row = await house.db
        .selectFrom('assets')
        .select('source_key')
        .where('id', '=', body.id)
        .executeTakeFirstOrThrow()
      expect(row.source_key).toMatch(new RegExp(`^default/${body.id}/source/[\\p{L}\\p{N}][\\p{L}\\p{N}._-]*$`, 'u'))
    }
  })
})
