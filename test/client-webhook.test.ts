import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { verifyWebhook, WebhookVerificationError } from '../client/index.ts'

const secret = `whsec_${Buffer.from('a secret of thirty-two bytes, ok').toString('base64')}`
const other = `whsec_${Buffer.from('another one').toString('base64')}`
const body = JSON.stringify({ type: 'asset.ready', timestamp: '2026-01-01T00:00:00.000Z', data: { id: 'ü' } })
const id = 'msg_1'

/** As anybody signs who uses the library of the specification. */
function signed(payload = body, { by = secret, at = new Date() } = {}) {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': new Webhook(by).sign(id, at, payload),
  }
}

describe('a webhook', () => {
  it('that the library of the specification signed is believed: as text, as bytes, with any kind of headers', async () => {
    const event = JSON.parse(body)
    expect(await verifyWebhook(body, signed(), secret)).toEqual(event)
    expect(await verifyWebhook(Buffer.from(body), new Headers(signed()), secret)).toEqual(event)
    const upper = Object.fromEntries(Object.entries(signed()).map(([name, value]) => [name.toUpperCase(), [value]]))
    expect(await verifyWebhook(body, upper, secret)).toEqual(event)
  })

  it('may bear several signatures, and be for one of several secrets, as while they are changed', async () => {
    const headers = signed()
    const both = `v1,${Buffer.from('x'.repeat(32)).toString('base64')} v2,abc ${headers['webhook-signature']}`
    expect(await verifyWebhook(body, { ...headers, 'webhook-signature': both }, [other, secret])).toBeDefined()
  })

  it.each([
    ['whose body was changed', { payload: body.replace('ready', 'failed') }],
    ['that another secret signed', { headers: signed(body, { by: other }) }],
    ['that is too old', { headers: signed(body, { at: new Date(Date.now() - 301_000) }) }],
    ['from the future', { headers: signed(body, { at: new Date(Date.now() + 302_000) }) }],
    ['without its headers', { headers: {} }],
    [
      'whose time was changed',
      { headers: { ...signed(), 'webhook-timestamp': String(Math.floor(Date.now() / 1_000) - 5) } },
    ],
    ['whose id was changed', { headers: { ...signed(), 'webhook-id': 'msg_2' } }],
    [
      'whose signature is of another version',
      { headers: { ...signed(), 'webhook-signature': signed()['webhook-signature'].replace('v1', 'v0') } },
    ],
    ['whose signature is noise', { headers: { ...signed(), 'webhook-signature': 'v1,ü v1 ,' } }],
  ])(
    '%s is not',
    async (_what, { payload = body, headers = signed() }: { payload?: string; headers?: Record<string, string> }) => {
      await expect(verifyWebhook(payload, headers, secret)).rejects.toBeInstanceOf(WebhookVerificationError)
    },
  )

  it('is judged by the clock that is given, as wide as is wished', async () => {
    const at = new Date('2026-01-01T00:00:00Z')
    const headers = signed(body, { at })
    expect(await verifyWebhook(body, headers, secret, { now: at.getTime() + 299_000 })).toBeDefined()
    await expect(
      verifyWebhook(body, headers, secret, { now: at.getTime() + 20_000, toleranceSeconds: 10 }),
    ).rejects.toThrow()
  })
})
