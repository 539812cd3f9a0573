import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { expect, test } from 'vitest'
import { tempFolder } from '../../test/setup/temp-folder.ts'
import { followLog, shortForm } from './child-log.ts'

test('warnings and worse are shown with their cause, everything milder is not', () => {
  const cause = { err: { message: 'connection refused' } }
  expect(shortForm(JSON.stringify({ level: 'warn', msg: 'the queue does not answer', ...cause }))).toBe(
    'warning: the queue does not answer: connection refused',
  )
  expect(shortForm(JSON.stringify({ level: 'fatal', msg: 'gone' }))).toBe('fatal: gone')
  expect(shortForm(JSON.stringify({ level: 'info', msg: 'api listens' }))).toBeUndefined()
})

test('what is no log entry is shown as it stands, a crash for example', () => {
  expect(shortForm('TypeError: x is not a function')).toBe('TypeError: x is not a function')
  expect(shortForm('{ half an entry')).toBe('{ half an entry')
  expect(shortForm('{"some":"json"}')).toBe('{"some":"json"}')
  expect(shortForm('')).toBeUndefined()
})

test('what a stranger wrote into an entry moves no cursor and makes no second line', () => {
  const err = { message: 'no codec for \x1b[2J\x9b31m\u202e\r\nfatal: forged' }
  expect(shortForm(JSON.stringify({ level: 'error', msg: 'task failed', err }))).toBe(
    'error: task failed: no codec for \\u001b[2J\\u009b31m\\u202e\\u000d\\u000afatal: forged',
  )
  expect(shortForm('\x1b]0;title\x07crash')).toBe('\\u001b]0;title\\u0007crash')
})

test('a fault that repeats itself fills the file, not the terminal', async () => {
  const path = join(await tempFolder(), 'api.log')
  const file = await open(path, 'a')
  const said: string[] = []
  const line = JSON.stringify({ level: 'warn', msg: 'the queue does not answer' })
  const stream = Readable.from([`${line}\n`.repeat(50)])
  const log = followLog({ name: 'api', streams: [stream], file, say: (one) => said.push(one) })
  await finished(stream)
  await expect.poll(() => readFile(path, 'utf8').then((text) => text.split('\n').length)).toBe(51)
  expect(said).toEqual(['api: warning: the queue does not answer'])
  expect(log.lastLines()).toHaveLength(20)
  await file.close()
})
