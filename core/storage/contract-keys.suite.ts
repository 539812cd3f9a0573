import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Bench, folder, headersFor, toolsOf } from './contract-bench.ts'
import { isSafeKey } from './keys.ts'

/** Keys and addresses hold whatever is in them, and lead nowhere else. */
export function keysContract(bench: () => Bench): void {
  const { put, read, keysUnder, storage } = toolsOf(bench)

  test('a signed address serves the bytes; tampered with, or over, it does not', async () => {
    const key = `${folder()}/source/my film ü+&%.mp4`
    await put(key, Buffer.from('private bytes'))
    const url = await storage().signedUrl(key, { expiresInSeconds: 60 })
    expect(await bench().fetchSigned(url)).toEqual({ ok: true, body: Buffer.from('private bytes') })
    const other = key.replace('film', 'song')
    await put(other, Buffer.from('another'))
    expect((await bench().fetchSigned(url.replace('film', 'song'))).ok).toBe(false)
    const [, parameter = ''] = /([Ss]ig(?:nature)?=[^&]{8})/.exec(url) ?? []
    const flipped = parameter.slice(0, -1) + (parameter.endsWith('0') ? '1' : '0')
    expect((await bench().fetchSigned(url.replace(parameter, flipped))).ok).toBe(false)
    const short = await storage().signedUrl(key, { expiresInSeconds: 1 })
    await expect.poll(async () => (await bench().fetchSigned(short)).ok, { timeout: 10_000, interval: 200 }).toBe(false)
  })

  test('a public address names the key with every segment encoded', () => {
    expect(storage().publicUrl('t/a/g1/hls/x y+ü#?.m4s')).toMatch(/\/t\/a\/g1\/hls\/x%20y%2B%C3%BC%23%3F\.m4s$/)
  })

  test.each([
    '',
    '/',
    '/etc/passwd',
    '../x.mp4',
    'a/../../x.mp4',
    'a/./b',
    'a//b',
    'a/',
    '.tmp/x',
    'a/.hidden',
    'a\\..\\b',
    'a\0b',
    'a\nb',
    `${'x'.repeat(256)}.mp4`,
    `${'long/'.repeat(300)}x`,
    '\ud800.mp4',
  ])('the key %j is refused by every call', async (key) => {
    const refused = expect.objectContaining({ code: 'invalid_request' })
    await expect(storage().head(key)).rejects.toEqual(refused)
    await expect(storage().get(key)).rejects.toEqual(refused)
    await expect(put(key, Buffer.from('x'))).rejects.toEqual(refused)
    await expect(storage().delete([key])).rejects.toEqual(refused)
    await expect(storage().signedUrl(key, { expiresInSeconds: 1 })).rejects.toEqual(refused)
    await expect(storage().copy(key, 'a/b', headersFor('b'))).rejects.toEqual(refused)
  })

  test('whatever a key is made of, it is refused, or holds the bytes under exactly this name', async () => {
    const prefix = folder()
    const piece = fc.oneof(
      fc.constantFrom('..', '.', '', '%2e%2e', '~', '\\', 'a b', 'ü', '*', '?x=1'),
      fc.string({ maxLength: 12, unit: 'binary' }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 4 }), async (pieces) => {
        const key = `${prefix}/${pieces.join('/')}`
        const body = Buffer.from(key)
        if (!isSafeKey(key))
          return void (await expect(put(key, body)).rejects.toMatchObject({ code: 'invalid_request' }))
        await put(key, body)
        expect(await keysUnder(prefix)).toEqual([key])
        expect((await read(key)).equals(body)).toBe(true)
        await storage().delete([key])
      }),
      { numRuns: 40 },
    )
  })
}
