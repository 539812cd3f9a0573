import { execFile } from 'node:child_process'
import { chmod, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildApp } from '../api/app.ts'
import { nodeFlags } from '../cli/node-flags.ts'
import { atEnd } from './setup/at-end.ts'
import { runCli } from './setup/cli.ts'
import { type TestHouse, testHouse } from './setup/house.ts'
import { main } from './setup/live-house.ts'
import { firstTime, givenUp, moodyProxy } from './setup/moody-proxy.ts'
import { tempFolder } from './setup/temp-folder.ts'

let house: TestHouse
let api: string
let home: string
beforeAll(async () => {
  house = await testHouse()
  home = await tempFolder()
  const app = await buildApp(house)
  atEnd(() => app.close())
  api = await app.listen({ host: '127.0.0.1', port: 0 })
})

async function fileOf(name: string): Promise<string> {
  const file = path.join(await tempFolder(), name)
  await writeFile(file, Buffer.alloc(3_000_000, name))
  return file
}
const assetsOf = (file: string) =>
  house.db
    .selectFrom('assets')
    .select(['id', 'visibility', 'status'])
    .where('source_filename', '=', path.basename(file))
    .orderBy('id')
    .execute()

describe('sluice ingest', () => {
  it('makes one asset though the answer to its first request was lost', async () => {
    const proxy = await moodyProxy(api, firstTime('POST', 'unhear'))
    const file = await fileOf('once.bin')
    const { code, out } = await runCli(['ingest', file, '--url', proxy.url], { env: { HOME: home } })
    expect(await assetsOf(file)).toEqual([{ id: out.trim(), visibility: 'public', status: 'queued' }])
    expect(code).toBe(0)
    expect(proxy.seen.slice(0, 2)).toEqual(['POST', 'POST'])
  })

  it('goes on with an upload that broke off, and only as what it was begun as', async () => {
    const proxy = await moodyProxy(api, firstTime('PATCH', 'refuse'))
    const file = await fileOf('secret.bin')
    const send = (...wishes: string[]) =>
      runCli(['ingest', file, '--url', proxy.url, ...wishes], { env: { HOME: home } })
    expect(await send()).toMatchObject({ code: 1, err: expect.stringContaining('in no mood') })
    const hidden = await send('--visibility', 'private')
    const [begun, other] = await assetsOf(file)
    expect(other).toEqual({ id: hidden.out.trim(), visibility: 'private', status: 'queued' })
    expect(begun).toMatchObject({ visibility: 'public', status: 'waiting' })
    proxy.seen.length = 0
    expect((await send()).out.trim()).toBe(begun?.id)
    expect(proxy.seen.slice(0, 2)).toEqual(['HEAD', 'PATCH'])
  })

  it('makes anew what was given up meanwhile, and remembers nothing of either in the end', async () => {
    const proxy = await moodyProxy(api, givenUp(api))
    const file = await fileOf('anew.bin')
    const { code, out } = await runCli(['ingest', file, '--url', proxy.url], { env: { HOME: home } })
    const [over, anew] = await assetsOf(file)
    expect([over?.status, anew]).toEqual(['cancelled', { id: out.trim(), visibility: 'public', status: 'queued' }])
    expect(code).toBe(0)
    expect(proxy.seen.slice(0, 4)).toEqual(['POST', 'PATCH', 'HEAD', 'POST'])
    expect(await readdir(path.join(home, '.cache/sluice/uploads'))).toEqual([])
  })

  it('sends a file where nothing can be remembered of it, and says so', async () => {
    const file = await fileOf('homeless.bin')
    const { code, out, err } = await runCli(['ingest', file, '--url', api], { env: { HOME: file } })
    expect(await assetsOf(file)).toEqual([{ id: out.trim(), visibility: 'public', status: 'queued' }])
    expect([code, err]).toEqual([0, expect.stringContaining('cannot be written down')])
  })

  it('says in one line that a file may not be read, with exit code 2', async () => {
    const file = await fileOf('closed.bin')
    await chmod(file, 0)
    // What keeps others out does not keep out root, unless it lays that power down.
    const powerless = process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search'] : []
    const command = [...powerless, process.execPath, ...nodeFlags, main, 'ingest', file, '--url', api]
    const env = { ...process.env, HOME: home }
    const [program = '', ...args] = command
    const end = await promisify(execFile)(program, args, { env }).catch((error: unknown) => error)
    expect(end).toMatchObject({ code: 2, stdout: '' })
    expect(end).toHaveProperty('stderr', expect.stringMatching(/^error: .*closed\.bin cannot be read: EACCES.*\n$/))
  })
})
