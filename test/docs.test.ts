import { existsSync, openAsBlob } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { basename, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildApp } from '../api/app.ts'
import { nodeFlags } from '../cli/node-flags.ts'
import { errorCodes } from '../core/error-codes.ts'
import { builtInProfiles } from '../core/media/built-in-profiles.ts'
import { profileSchema } from '../core/media/profile.ts'
import { readProfiles } from '../core/media/profiles.ts'
import { settings } from '../core/settings.ts'
import { type CurlCall, curlCalls } from '../scripts/docs/curl-calls.ts'
import { findUnread } from '../scripts/docs/find-unread.ts'
import { anchorsOf, codeOf, localLinks, type Markdown, readMarkdown } from '../scripts/docs/markdown.ts'
import { readPages } from '../scripts/docs/pages.ts'
import { atEnd } from './setup/at-end.ts'
import { testHouse } from './setup/house.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string) => readFile(join(root, path), 'utf8')
let pages: Markdown[]
beforeAll(async () => {
  pages = await readMarkdown({ root })
})

/** Every match of a pattern's first group in the code of all pages. */
const named = (pattern: RegExp) =>
  new Set(
    pages.flatMap((page) => codeOf(page).flatMap((code) => [...code.matchAll(pattern)].map(([, name = '']) => name))),
  )

describe('pages made from the code', () => {
  it('are what `npm run docs` would write', async () => {
    for (const { path, committed, wanted } of await readPages({ root })) expect(committed, path).toBe(wanted)
  })

  it('list every error code once, and none that is not there', async () => {
    const listed = [...(await read('docs/errors.md')).matchAll(/^\| <a id="(\w+)">/gm)].map(([, code]) => code)
    expect(listed).toEqual(Object.keys(errorCodes))
  })

  it('list every setting once, whether anything reads it or not', async () => {
    const made = (await read('docs/configuration.md')).matchAll(/<!-- (\w+): made by[\s\S]*?<!-- end of \1 -->/g)
    const listed = [...made].flatMap(([part]) => [...part.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name))
    expect(listed.sort()).toEqual(Object.keys(settings).sort())
  })
})

describe('error codes', () => {
  it('are each given by some code of the product', async () => {
    const quoted = {
      root,
      declaredIn: ['core/error-codes.ts', 'core/error-codes-of-work.ts', 'core/error-codes-of-work.ts'],
      words: /(?<=')[a-z_]+(?=')/g,
    }
    const unused = await findUnread({ ...quoted, names: Object.keys(errorCodes) })
    expect([...unused]).toEqual([])
  })
})

describe('the page of profiles', () => {
  it('shows a file that is right, and only wishes that a profile may have', async () => {
    const page = await read('docs/profiles.md')
    const [, file = ''] = /```json\n([\s\S]*?)```/.exec(page) ?? []
    const { profiles, faults } = readProfiles(JSON.parse(file))
    expect(faults).toEqual([])
    expect(profiles.size).toBeGreaterThan(builtInProfiles.length + 2)
    const listed = [...page.matchAll(/^\| `(\w+)/gm)].map(([, name = '']) => name)
    const { name: _, ...wishes } = profileSchema.shape
    expect(new Set(listed)).toEqual(new Set(Object.keys(wishes)))
  })
})

describe('what the pages name is there', () => {
  it('links lead to files, and their anchors to headings', async () => {
    const broken: string[] = []
    for (const page of pages)
      for (const { to, anchor } of localLinks(page)) {
        const target = to === '' ? page.path : posix.join(posix.dirname(page.path), to)
        const there = existsSync(join(root, target))
        if (!there) broken.push(`${page.path}: ${target}`)
        if (there && anchor !== undefined && !anchorsOf({ path: target, text: await read(target) }).includes(anchor))
          broken.push(`${page.path}: ${target}#${anchor}`)
      }
    expect(broken).toEqual([])
  })

  it('every `npm run` is a script', async () => {
    const { scripts } = JSON.parse(await read('package.json')) as { scripts: Record<string, string> }
    expect([...named(/\bnpm run (?:--silent )?([a-z]+)/g)].filter((name) => !(name in scripts))).toEqual([])
  })

  it('every `sluice` command and option is one', async () => {
    const files = (await readdir(join(root, 'cli'), { recursive: true })).filter((file) => file.endsWith('.ts'))
    const cli = (await Promise.all([...files.map((file) => `cli/${file}`)].map(read))).join('')
    const used = named(/(?:^|\s)(?:sluice(?: --)?|cli\/main\.ts) (?!is up)([a-z]+(?: create)?)\b/g)
    const commands = [...cli.matchAll(/\.command\('(\w+)'\)/g)].map(([, name = '']) => name)
    for (const words of used) for (const word of words.split(' ')) expect(commands).toContain(word)
    const lines = pages.flatMap(codeOf).filter((line) => /\bsluice |cli\/main\.ts/.test(line))
    const options = lines.flatMap((line) => line.match(/(?<=\s)--(?!silent)[a-z]+/g) ?? [])
    for (const option of options) expect(cli).toContain(`'${option}`)
  })

  it('every path of a file of ours', () => {
    const paths = [
      ...named(/(?<![\w/])((?:api|workers|queues|core|cli|client|migrations|scripts|test|fixtures|docs)\/[\w./-]*\w)/g),
    ]
    expect(paths.filter((path) => !existsSync(join(root, path)) && !path.endsWith('-args.ts'))).toEqual([])
  })

  it('every variable in capitals is a setting, or one of the compose file, the tests or Node', async () => {
    const compose = [...(await read('docker-compose.yml')).matchAll(/\$\{(\w+)/g)].map(([, name = '']) => name)
    const sources = (
      await Promise.all(
        ['test/setup/s3.ts', 'test/tus-clients.test.ts', 'test/hostile.test.ts', 'test/formats.test.ts'].map(read),
      )
    ).join('')
    const tests = [...sources.matchAll(/process\.env\['(\w+)'\]/g)].map(([, name = '']) => name)
    const others = new Set([...compose, ...tests, 'NODE_ENV', 'NO_COLOR', 'SLUICE_URL', 'SLUICE_KEY'])
    const used = [...named(/\b([A-Z][A-Z0-9]*_[A-Z0-9_]+)\b/g)]
    expect(used.filter((name) => !(name in settings) && !others.has(name))).toEqual([])
  })
})

describe('the curl lines of README and getting-started', () => {
  it('do what they say', async () => {
    // As the README has it where it calls a receiver on this machine.
    const house = await testHouse({ env: { FETCH_ALLOW: '127.0.0.1' } })
    const app = await buildApp(house)
    atEnd(() => app.close())
    const here = await app.listen({ host: '127.0.0.1', port: 0 })
    for (const path of ['README.md', 'docs/getting-started.md']) {
      const calls = curlCalls({ path, text: await read(path) })
      expect(calls.length, path).toBeGreaterThan(2)
      let id = ''
      for (const call of calls) {
        const answer = await send(call, call.url.replace('http://127.0.0.1:3000', here).replace('/ID', `/${id}`))
        const sends = call.form.length > 0 || call.body !== undefined
        const registers = call.url.endsWith('/v1/webhooks')
        expect(answer.status, call.line).toBe(registers ? 201 : sends ? 202 : 200)
        const body = (await answer.json()) as { id?: string }
        if (!registers) id = body.id ?? id
      }
    }
  })

  async function send({ headers, form, body }: CurlCall, url: string): Promise<Response> {
    // The placeholder of a key is no header value.
    const plain = headers.filter(([name]) => name !== 'authorization')
    if (form.length === 0)
      return fetch(url, { headers: plain, ...(body === undefined ? {} : { method: 'POST', body }) })
    const data = new FormData()
    for (const [name, value] of form) {
      if (value.startsWith('@')) data.set(name, await openAsBlob(join(root, value.slice(1))), basename(value))
      else data.set(name, value)
    }
    return fetch(url, { method: 'POST', headers: plain, body: data })
  }
})

describe('the container files', () => {
  it('the image holds what exists, runs as nobody special, answers for its health, and starts the API as we do', async () => {
    const [dockerfile, ignore] = await Promise.all([read('Dockerfile'), read('.dockerignore')])
    const kept = [...ignore.matchAll(/^!(.+)$/gm)].map(([, path = '']) => path)
    expect(kept.filter((path) => !existsSync(join(root, path)))).toEqual([])
    for (const part of ['api', 'cli', 'client', 'core', 'migrations', 'queues', 'workers']) expect(kept).toContain(part)
    expect([...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image)).toEqual(
      Array(2).fill('node:24-bookworm-slim'),
    )
    expect(dockerfile).toMatch(/^USER node$/m)
    expect(dockerfile).toMatch(/^HEALTHCHECK [\s\S]*?\/live/m)
    const [, command = '[]'] = /^CMD (\[.*\])$/m.exec(dockerfile) ?? []
    expect(JSON.parse(command)).toEqual(['node', ...nodeFlags, 'cli/sluice.js', 'api'])
  })

  it('every service is pinned, says how it is, needs only services that are there, and sets only settings', async () => {
    const compose = await read('docker-compose.yml')
    const body = /^services:\n([\s\S]*?)^\w/m.exec(compose)?.[1] ?? ''
    const services = new Map(
      body
        .split(/^ {2}(?=\w+:$)/m)
        .slice(1)
        .map((text) => [text.slice(0, text.indexOf(':')), text]),
    )
    const watch = ['grafana', 'prometheus']
    expect([...services.keys()].sort()).toEqual(['api', 'bucket', 'postgres', 'redis', 's3', 'worker', ...watch].sort())
    for (const [name, text] of services) {
      expect(text, name).toMatch(/^ {4}(build: \.|image: \S+:(?!latest)\S*\d\S*)$/m)
      expect(text, name).toMatch(name === 'bucket' ? /restart: on-failure/ : /^ {4}healthcheck:$/m)
    }
    for (const [, needed = ''] of compose.matchAll(/^ +(\w+):\s*\{ condition: /gm))
      expect([...services.keys()]).toContain(needed)
    const set = /^x-settings:[\s\S]*?\n\n/m.exec(compose)?.[0] ?? ''
    for (const [, name = ''] of set.matchAll(/^ {2}(\w+):/gm)) expect(Object.keys(settings)).toContain(name)
    expect(services.get('redis')).toMatch(/appendonly[\s\S]*yes[\s\S]*maxmemory-policy[\s\S]*noeviction/)
    expect(services.get('worker')).toMatch(/replicas: 2/)
    expect(services.get('worker')).toContain(`command: [node, ${nodeFlags.join(', ')}, cli/sluice.js, worker]`)
  })
})
