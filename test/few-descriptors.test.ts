import { execFileSync } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { type LiveHouse, liveHouse } from './setup/live-house.ts'

const limit = (pid: number, most: number) => execFileSync('prlimit', ['--pid', String(pid), `--nofile=${most}:`])
const openOf = async (pid: number) => (await readdir(`/proc/${pid}/fd`)).length

describe('an API without file descriptors to spare', () => {
  let house: LiveHouse
  beforeAll(async () => {
    house = await liveHouse()
  })

  /** A form whose file comes piece by piece, so that all of them are open at once. */
  const send = async (together: Promise<void>) => {
    const form = async function* () {
      yield Buffer.from('--x\r\ncontent-disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n')
      yield Buffer.alloc(1024)
      await together
      yield Buffer.from('\r\n--x--\r\n')
    }
    return fetch(`${house.url}/v1/assets`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
      body: form(),
      duplex: 'half',
    }).then(
      (answer) => answer.status,
      // The kernel took the call, and nobody could answer it.
      () => 'cut off' as const,
    )
  }

  it('takes what it can, says 503 to the rest or cuts it off, does not crash, and is well again afterwards', async () => {
    const { pid } = house.api
    expect(await send(Promise.resolve())).toBe(202)
    const before = await openOf(pid)
    limit(pid, before + 12)
    const gate = Promise.withResolvers<void>()
    const answers = Array.from({ length: 40 }, () => send(gate.promise))
    // Nobody has sent all of a form yet: the first answer is a refusal, for want of descriptors.
    expect(await Promise.race(answers)).not.toBe(202)
    gate.resolve()
    const statuses = new Set(await Promise.all(answers))
    expect([...statuses].filter((status) => status !== 202 && status !== 503 && status !== 'cut off')).toEqual([])
    expect(statuses.size).toBeGreaterThan(1)
    limit(pid, 4_096)
    await expect.poll(() => send(Promise.resolve())).toBe(202)
    expect(house.api.pid).toBe(pid)
    expect(house.api.log()).not.toMatch(/uncaught|unhandled/i)
    await expect.poll(() => openOf(pid)).toBeLessThan(before + 40)
  })
})
