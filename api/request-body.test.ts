import { PassThrough } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { requestBody } from './request-body.ts'

it('a body that breaks off before anybody reads it ends no process, and its reader hears of it', async () => {
  const raw = new PassThrough()
  // As much of a request as it looks at.
  const body = requestBody(raw as never)
  raw.write('some')
  raw.destroy()
  for (let n = 0; n < 3; n++) await turn()
  await expect(body.toArray()).rejects.toMatchObject({ code: 'upload_interrupted' })
})
