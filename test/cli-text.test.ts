import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { nodeFlags } from '../cli/node-flags.ts'
import { testDatabase } from './setup/database.ts'
import { tempFolder } from './setup/temp-folder.ts'

const main = fileURLToPath(new URL('../cli/main.ts', import.meta.url))
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const obeyed = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/
const ansi = '\x1b[2J\x1b]0;title\x07\x9b31m\u202e'
const none = '019a0000-0000-7000-8000-000000000000'

describe('the command line', () => {
  let env: NodeJS.ProcessEnv
  let folder: string
  beforeAll(async () => {
    folder = await tempFolder()
    env = { ...process.env, DATABASE_URL: (await testDatabase()).url }
  })
  const sluice = (...args: string[]) =>
    new Promise<{ code: number; out: string; err: string }>((resolve) => {
      execFile(process.execPath, [...nodeFlags, main, ...args], { env, cwd: folder }, (error, out, err) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
      )
    })

  it('takes shell text for text', async () => {
    const name = `$(touch made) \`touch made\`; touch made | '"*?[a]`
    const made = JSON.parse((await sluice('keys', 'create', '--tenant', 'acme', '--name', name, '--json')).out)
    const { data } = JSON.parse((await sluice('keys', 'list', '--json')).out)
    expect(data.find((key: { id: string }) => key.id === made.id).name).toBe(name)
    expect(existsSync(`${folder}/made`)).toBe(false)
  })

  it('shows what others wrote into rows without obeying it', async () => {
    const create = ['keys', 'create', '--tenant', 'acme', '--json', '--name']
    const { id } = JSON.parse((await sluice(...create, `a${ansi}b`)).out)
    const shown = [await sluice('keys', 'list'), await sluice('keys', 'revoke', id)]
    for (const { code, out } of shown) {
      expect(code).toBe(0)
      expect(out).toContain(id)
      expect(out).not.toMatch(obeyed)
    }
  })

  it.each([
    ['an id with a line break', ['keys', 'revoke', `${none}\r\n`]],
    ['an id that is a path', ['keys', 'revoke', '../../etc/passwd']],
    ['an id that is an option', ['keys', 'revoke', '--id=$(id)']],
    ['a command of control characters', [ansi]],
    ['an option of them', ['worker', `--${ansi}`]],
    ['a queue of them', ['worker', '--queues', ansi]],
    ['a scope of them', ['keys', 'create', '--tenant', 'a', '--scopes', ansi]],
    ['a port with more behind it', ['up', '--port', '80;id']],
  ])('%s is wrong use, said without obeying it', async (_what, args) => {
    const { code, out, err } = await sluice(...args)
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err).not.toBe('')
    expect(err).not.toMatch(obeyed)
  })
})
