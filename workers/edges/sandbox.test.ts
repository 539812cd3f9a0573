import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { getPriority } from 'node:os'
import path from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { atEnd } from '../../test/setup/at-end.ts'
import { tempFolder } from '../../test/setup/temp-folder.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { ownProgram } from './own-program.ts'
import { runChild } from './process.ts'
import { findSandbox, missingFrom } from './sandbox.ts'
import { findTools } from './tools.ts'
import { here, walled } from './walls.ts'

let sandbox: string[]
let cwd = ''
let secret = ''

beforeAll(async () => {
  sandbox = (await findTools({})).sandbox
  const folder = await tempFolder()
  secret = path.join(folder, 'of-somebody-else.txt')
  cwd = path.join(folder, 'task')
  await mkdir(cwd)
  await writeFile(secret, 'a secret')
})

type Inside = { limits?: Partial<Limits>; sees?: string[]; prefix?: string[] }

/** What a program of Node's says that looks around behind the walls. */
async function inside(script: string, { limits, sees = [], prefix = sandbox }: Inside = {}) {
  const program = [process.execPath, '-e', `const say = (v) => console.log(JSON.stringify(v)); ${script}`]
  const { stdout, stderrTail, ended } = await runChild({
    argv: await walled({
      ...{ sandbox: prefix, program, cwd, sees: [...ownProgram, ...sees] },
      limits: { ...defaultLimits, memoryBytes: 2 ** 44, ...limits },
    }),
    ...{ cwd, wallMs: 20_000, maxOutputBytes: 65_536 },
  })
  const said = stdout.toString('utf8').trim()
  return { ended, stderrTail, said: said === '' ? undefined : (JSON.parse(said) as unknown) }
}

const hasRoom = () => sandbox.includes(here)

test('nothing can be reached, not even what listens on this machine', async () => {
  if (missingFrom(sandbox).includes('no network')) return
  let heard = 0
  const server = createServer((socket) => {
    heard += 1
    socket.destroy()
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  atEnd(async () => server.close())
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const { said } = await inside(
    `require('net').connect(${port}, '127.0.0.1').on('connect', () => say('open')).on('error', (e) => say(e.code))`,
  )
  expect(said).toMatch(/^(ECONNREFUSED|ENETUNREACH)$/)
  expect(heard).toBe(0)
  const { said: names } = await inside(`say(Object.keys(require('os').networkInterfaces()))`)
  expect((names as string[]).filter((name) => name !== 'lo')).toEqual([])
})

test('no file of anybody else is there: neither beside its folder, nor in /etc, nor the data of the house', async () => {
  if (!hasRoom()) return
  const files = [
    secret,
    '/etc/passwd',
    '/etc/shadow',
    '/proc/1/environ',
    process.env['HOME'] ?? '/root',
    '/var',
    '/tmp',
  ]
  const { said } = await inside(
    `say(${JSON.stringify(files)}.map((f) => { try { return require('fs').statSync(f).isDirectory() ? require('fs').readdirSync(f) : require('fs').readFileSync(f, 'latin1') } catch (e) { return e.code } }))`,
  )
  const [neighbour, passwd, shadow, , home, , temp] = said as unknown[]
  expect([neighbour, passwd, shadow]).toEqual(['ENOENT', 'ENOENT', 'ENOENT'])
  expect(JSON.stringify([home, temp])).not.toMatch(/secret|\.ssh|\.sluice/)
})

test('the source is there, wherever it lies, and is not to be written to; its own folder is', async () => {
  if (!hasRoom()) return
  const { said } = await inside(
    `const fs = require('fs'); const can = (f) => { try { fs.writeFileSync(f, 'x'); return 'written' } catch (e) { return e.code } };
     say([fs.readFileSync(${JSON.stringify(secret)}, 'utf8'), can(${JSON.stringify(secret)}), can('made.txt'), can('/lost.txt'), can('/dev/shm/lost')])`,
    { sees: [secret] },
  )
  const [read, ...written] = said as string[]
  expect(read).toBe('a secret')
  expect([written[0], written[1], written[2]]).toEqual(['EROFS', 'written', 'EROFS'])
  expect(written[3]).not.toBe('written')
  expect(await readFile(path.join(cwd, 'made.txt'), 'utf8')).toBe('x')
})

test('nothing of the environment goes in, and no other process is to be seen', async () => {
  const { said } = await inside(`say(Object.keys(process.env).sort())`)
  expect((said as string[]).filter((name) => !['LC_ALL', 'MALLOC_ARENA_MAX', 'PWD'].includes(name))).toEqual([])
  if (!hasRoom()) return
  const { said: seen } = await inside(`say(require('fs').readdirSync('/proc').filter((n) => /^\\d+$/.test(n)).length)`)
  expect(seen).toBeLessThan(5)
})

test('it is nobody: without rights, and without a way to new ones', async () => {
  if (!hasRoom()) return
  const { said } = await inside(
    `const s = require('fs').readFileSync('/proc/self/status', 'utf8'); say([process.getuid(), /CapEff:\\s*(\\w+)/.exec(s)[1], /NoNewPrivs:\\s*(\\d)/.exec(s)[1]])`,
  )
  expect(said).toEqual([65_534, '0000000000000000', '1'])
})

test('memory, time, and the size of a file end where its limits say', async () => {
  if (missingFrom(sandbox).includes('limits on memory, time and files')) return
  const eat = `const kept = []; for (let n = 0; n < 40; n++) kept.push(Buffer.alloc(16 * 2 ** 20, 1)); say(kept.length)`
  expect((await inside(eat)).said).toBe(40)
  const eaten = await inside(eat, { limits: { dataBytes: 400 * 2 ** 20 } })
  expect(eaten.said).toBeUndefined()
  expect(eaten.stderrTail).toMatch(/memory|alloc/i)
  const write = `require('fs').writeFileSync('large', Buffer.alloc(2 ** 20)); say('written')`
  expect((await inside(write, { limits: { fileBytes: 2 ** 19 } })).said).toBeUndefined()
  const spin = await inside(`for (;;);`, { limits: { cpuSeconds: 1 } })
  expect(spin.ended.stopped).toBeUndefined()
  expect(spin.ended.code).not.toBe(0)
})

test('processes end where their limit says, but for root', async () => {
  if (!hasRoom() || process.getuid?.() === 0) return
  const fork = `const { spawn } = require('child_process'); const all = Array.from({ length: 30 }, () => new Promise((done) => spawn(process.execPath, ['-e', ''], { stdio: 'ignore' }).on('error', (e) => done(e.code)).on('exit', () => done('ran')))); Promise.all(all).then((each) => say([...new Set(each)]))`
  expect((await inside(fork, { limits: { processes: 20 } })).said).not.toEqual(['ran'])
})

test('where no room can be made the network is still cut off, and what is missing is named', async () => {
  const folders = ['/usr/bin', '/bin']
  const without = await findSandbox({ folders, binary: '/bin/true', without: ['bwrap'] })
  expect(missingFrom(without)).toContain('no file of others')
  if (!without.includes('--net')) return
  const { said } = await inside(`say(Object.keys(require('os').networkInterfaces()))`, { prefix: without })
  expect((said as string[]).filter((name) => name !== 'lo')).toEqual([])
})

test('a machine that allows nothing says so of every part', async () => {
  const prefix = await findSandbox({ folders: [await tempFolder()], binary: '/bin/true' })
  expect(prefix).toEqual([])
  expect(missingFrom(prefix)).toEqual([
    ...['no network', 'no file of others', 'low priority'],
    ...['limits on memory, time and files', 'an end with its worker'],
  ])
})

test('a machine that allows the best of everything is tried once, and any other part by part', async () => {
  const folder = await tempFolder(0o777)
  const triedOf = async (script: string) => {
    await writeFile(`${folder}/tool`, `#!/bin/sh\necho tried >> ${folder}/tried\n${script}`, { mode: 0o755 })
    await writeFile(`${folder}/tried`, '', { mode: 0o666 })
    const prefix = await findSandbox({
      folders: ['/usr/bin', '/bin'],
      binary: `${folder}/tool`,
      without: ['bwrap', 'unshare'],
    })
    return {
      missing: missingFrom(prefix),
      tried: (await readFile(`${folder}/tried`, 'utf8')).split('tried').length - 1,
    }
  }
  expect((await triedOf('')).tried).toBe(1)
  const usual = await triedOf(`test "$(nice)" = ${getPriority()}`)
  expect(usual.missing).toContain('low priority')
  expect(usual.tried).toBeGreaterThan(1)
})
