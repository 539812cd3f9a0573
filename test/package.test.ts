import { execFile } from 'node:child_process'
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { prepareQueues } from '../queues/connect.ts'
import { atEnd } from './setup/at-end.ts'
import { testDatabase } from './setup/database.ts'
import { tempFolder } from './setup/temp-folder.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('..', import.meta.url))
const modules = join(root, 'node_modules')
let folder: string

/** Packed as npm packs it, and laid into a project of others, where the packages that it needs are links: no registry is asked. */
beforeAll(async () => {
  folder = await tempFolder()
  atEnd(() => rm(join(root, 'dist'), { recursive: true, force: true }))
  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: root })
  const tarball = stdout.trim().split('\n').at(-1) ?? ''
  const there = join(folder, 'node_modules/sluice')
  await mkdir(there, { recursive: true })
  await run('tar', ['-xzf', join(folder, tarball), '-C', there, '--strip-components=1'])
  for (const name of ['tus-js-client', 'zod', 'bullmq', 'ioredis', 'pg', '@types/node']) {
    await mkdir(dirname(join(folder, 'node_modules', name)), { recursive: true })
    await symlink(join(modules, name), join(folder, 'node_modules', name))
  }
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
})

const backend = `
import { Sluice, SluiceProblem, verifyWebhook } from 'sluice/client'
import { createProducer, ingestPayload, SluiceError } from 'sluice/queues'

const sluice = new Sluice({ url: 'http://127.0.0.1:9', retries: 0 })
const refused = await sluice.asset('x').catch((error) => error)
if (refused instanceof SluiceProblem || !(refused instanceof TypeError)) throw refused
const url = process.env['QUEUE']
if (url === undefined) throw new Error('no QUEUE')
const producer = createProducer({ url })
const { jobId } = await producer.ingest({ source: { url: 'https://example.com/cat.jpg' }, externalId: 'cat-1' })
const wrong = await producer.ingest(JSON.parse('{"source":{}}')).catch((error) => error)
await producer.close()
if (!(wrong instanceof SluiceError) || wrong.code !== 'invalid_request') throw wrong
await import('tus-js-client')
console.log(jobId, typeof verifyWebhook, ingestPayload.safeParse({}).success)
`
const page = `
import { Sluice, SluiceAssetError, type Asset } from 'sluice/client'

export async function send(file: File, token: string): Promise<Asset['playback']> {
  const sluice = new Sluice({ url: location.origin, key: token })
  const upload = sluice.upload(file, { resume: true, metadata: { a: 1 }, onProgress: ({ bytes }) => console.log(bytes) })
  const { assetId } = await upload.finished
  const asset = await sluice.waitUntilReady(assetId)
  // @ts-expect-error: there is no such status
  if (asset.status === 'done') throw new SluiceAssetError(asset)
  for await (const { type, data } of sluice.events({ assetId })) if (type === 'asset.ready') return data.playback
  return asset.playback
}
`

describe('the package, as a project of others installs it', () => {
  it('runs below node_modules, on Node without any flag: the client, and the producer on a real queue', async () => {
    const { url } = await testDatabase()
    await prepareQueues({ url })
    await writeFile(join(folder, 'backend.js'), backend)
    const { stdout } = await run(process.execPath, ['backend.js'], {
      cwd: folder,
      env: { PATH: process.env['PATH'], QUEUE: url },
    })
    expect(stdout).toMatch(/^[0-9a-f-]{36} function false\n$/)
  })

  it('has types that want neither Node’s nor leave to skip anything in a browser, and fit in a backend', async () => {
    await writeFile(join(folder, 'page.ts'), page)
    await writeFile(join(folder, 'backend.ts'), backend)
    const strict = [
      '--noEmit',
      '--strict',
      '--exactOptionalPropertyTypes',
      '--target',
      'es2022',
      '--module',
      'nodenext',
    ]
    const tsc = (...args: string[]) =>
      run(process.execPath, [join(modules, 'typescript/bin/tsc'), '--ignoreConfig', ...strict, ...args], {
        cwd: folder,
      }).catch(({ stdout }: { stdout: string }) => ({ stdout }))
    expect((await tsc('--lib', 'es2022,dom,dom.iterable', '--types', '', 'page.ts')).stdout).toBe('')
    expect((await tsc('--types', 'node', '--skipLibCheck', 'backend.ts')).stdout).toBe('')
  })

  it('brings what is built and nothing else, and the document of the API', async () => {
    const there = join(folder, 'node_modules/sluice')
    const { exports } = JSON.parse(await readFile(join(there, 'package.json'), 'utf8'))
    expect(Object.keys(exports)).toEqual(['./queues', './client', './openapi.json', './package.json'])
    expect(JSON.parse(await readFile(join(there, exports['./openapi.json']), 'utf8'))).toMatchObject({
      openapi: '3.1.1',
    })
    await expect(readFile(join(there, 'core/config.ts'))).rejects.toThrow()
  })

  it('has the command of its name, as a clone does; it says that the command line is in a clone alone', async () => {
    const command = async (package_: string) => {
      const { bin } = JSON.parse(await readFile(join(package_, 'package.json'), 'utf8'))
      return run(join(package_, bin.sluice), ['--help']).catch((error: unknown) => error)
    }
    expect(await command(join(folder, 'node_modules/sluice'))).toMatchObject({
      ...{ code: 2, stdout: '' },
      stderr: expect.stringMatching(/^error: .*from a clone of Sluice\n$/),
    })
    expect(await command(root)).toMatchObject({ stdout: expect.stringMatching(/^Usage: sluice /) })
  })
})
