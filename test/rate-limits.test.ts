import { beforeAll, describe, expect, it } from 'vitest'
import { buildApp } from '../api/app.ts'
import { addressSubject } from '../api/auth/limits.ts'
import { countOne, dropOldRates } from '../core/db/rates.ts'
import { bearer, keyedApp, type TestApp } from './setup/app.ts'
import { atEnd } from './setup/at-end.ts'

let keyed: Awaited<ReturnType<typeof keyedApp>>
let other: TestApp
beforeAll(async () => {
  keyed = await keyedApp({
    RATE_LIMIT: '20/h',
    RATE_LIMIT_WRONG_KEYS: '10/h',
    ADMIN_PASSWORD: 'correct horse',
    TRUST_PROXY: '127.0.0.1',
  })
  other = await buildApp(keyed.house)
  atEnd(() => other.close())
})

const from = (address: string) => ({ 'x-forwarded-for': address })

describe('the limit of a key', () => {
  it('holds for all processes together, to the call', async () => {
    const key = await keyed.keyFor('acme', ['assets'])
    const calls = Array.from({ length: 60 }, (_, n) =>
      (n % 2 === 0 ? keyed.app : other).inject({ url: '/v1/assets', headers: bearer(key) }),
    )
    const answers = await Promise.all(calls)
    expect(answers.filter((answer) => answer.statusCode === 200)).toHaveLength(20)
    const refused = answers.filter((answer) => answer.statusCode === 429)
    expect(refused).toHaveLength(40)
    for (const answer of refused) {
      expect(answer.json()).toMatchObject({ code: 'rate_limited', status: 429 })
      expect(answer.headers).toMatchObject({ 'ratelimit-limit': '20', 'ratelimit-remaining': '0' })
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(3_500)
      expect(answer.headers['ratelimit-reset']).toBe(answer.headers['retry-after'])
    }
  })

  it('is its own, and says with every answer how much of it is left', async () => {
    const key = await keyed.keyFor('acme', ['assets'])
    for (const [url, left] of [
      ['/v1/assets', '19'],
      ['/v1/assets/none', '18'],
      ['/v1/nowhere', '17'],
      ['/%76%31/assets', '16'],
    ] as const) {
      const { headers } = await keyed.app.inject({ url, headers: bearer(key) })
      expect(headers).toMatchObject({ 'ratelimit-limit': '20', 'ratelimit-remaining': left })
      expect(Number(headers['ratelimit-reset'])).toBeGreaterThan(3_500)
    }
  })

  it('does not count what only carries bytes, nor what needs no key', async () => {
    const key = await keyed.keyFor('acme', ['assets', 'uploads'])
    for (const [method, url] of [
      ['PATCH', '/v1/tus/x'],
      ['PUT', '/v1/uploads/x/chunks/0'],
      ['HEAD', '/v1/assets'],
      ['GET', '/live'],
      ['GET', '/'],
      ['GET', '/media/x'],
    ] as const)
      expect((await keyed.app.inject({ method, url, headers: bearer(key) })).headers).not.toHaveProperty(
        'ratelimit-limit',
      )
    const { headers } = await keyed.app.inject({ url: '/v1/assets', headers: bearer(key) })
    expect(headers['ratelimit-remaining']).toBe('19')
  })

  it('begins anew when its window is over', async () => {
    const { db } = keyed.house
    const once = () => countOne(db, { subject: 'somebody', seconds: 3_600 })
    expect([(await once()).count, (await once()).count]).toEqual([1, 2])
    await db
      .updateTable('rates')
      .set({ resets_at: new Date(Date.now() - 1) })
      .where('subject', '=', 'somebody')
      .execute()
    expect((await once()).count).toBe(1)
    await db
      .updateTable('rates')
      .set({ resets_at: new Date(Date.now() - 1) })
      .where('subject', '=', 'somebody')
      .execute()
    await dropOldRates(db)
    expect(await db.selectFrom('rates').select('count').where('subject', '=', 'somebody').execute()).toEqual([])
  })
})

describe('whoever guesses', () => {
  const guess = (app: TestApp, n: number, address: string) =>
    app.inject({ url: '/v1/assets', headers: { ...bearer(`sl_${String(n).padStart(32, 'x')}`), ...from(address) } })

  it('keys is soon told to wait, by every process; a right key from there still opens', async () => {
    const key = await keyed.keyFor('acme', ['assets'])
    const statuses: number[] = []
    for (let n = 0; n < 14; n++)
      statuses.push((await guess(n % 2 === 0 ? keyed.app : other, n, '192.0.2.1')).statusCode)
    expect(statuses).toEqual([...Array(10).fill(401), ...Array(4).fill(429)])
    const right = await keyed.app.inject({ url: '/v1/assets', headers: { ...bearer(key), ...from('192.0.2.1') } })
    expect(right.statusCode).toBe(200)
    expect((await guess(keyed.app, 0, '192.0.2.2')).statusCode).toBe(401)
  })

  it('the operator’s password is not heard any more, even when right', async () => {
    const board = (password: string, address: string) => {
      const basic = Buffer.from(`admin:${password}`).toString('base64')
      const headers = { authorization: `Basic ${basic}`, ...from(address) }
      return keyed.app.inject({ url: '/admin/queues/', headers }).then((answer) => answer.statusCode)
    }
    expect(await board('correct horse', '192.0.2.9')).toBe(200)
    for (let n = 0; n < 11; n++) await board(`wrong ${n}`, '192.0.2.9')
    expect(await board('wrong again', '192.0.2.9')).toBe(429)
    expect(await board('correct horse', '192.0.2.9')).toBe(429)
    expect(await board('correct horse', '192.0.2.10')).toBe(200)
  })

  it('from many addresses of one IPv6 network is one', () => {
    expect(addressSubject('2001:db8:1:2:3:4:5:6')).toBe(addressSubject('2001:db8:1:2::1'))
    expect(addressSubject('2001:db8:1:2::1')).not.toBe(addressSubject('2001:db8:1:3::1'))
    expect(addressSubject('::ffff:192.0.2.1')).toBe(addressSubject('192.0.2.1'))
  })
})

it('X-Forwarded-For counts only where a proxy is trusted', async () => {
  const { app } = await keyedApp({ RATE_LIMIT_WRONG_KEYS: '2/h' }, keyed.house)
  const statuses: number[] = []
  for (let n = 0; n < 4; n++)
    statuses.push((await app.inject({ url: '/v1/assets', headers: from(`192.0.2.${n}`) })).statusCode)
  expect(statuses).toEqual([401, 401, 429, 429])
})

it('with RATE_LIMIT=off nobody is counted, and nothing is said of it', async () => {
  const { app, keyFor, house } = await keyedApp({ RATE_LIMIT: 'off', RATE_LIMIT_WRONG_KEYS: 'off' }, keyed.house)
  await house.db.deleteFrom('rates').execute()
  const answer = await app.inject({ url: '/v1/assets', headers: bearer(await keyFor('acme', ['assets'])) })
  await app.inject({ url: '/v1/assets' })
  expect(answer.headers).not.toHaveProperty('ratelimit-limit')
  expect(await house.db.selectFrom('rates').selectAll().execute()).toEqual([])
})
