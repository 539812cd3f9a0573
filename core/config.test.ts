import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { tempFolder } from '../test/setup/temp-folder.ts'
import { ConfigError, loadConfig } from './config.ts'

const problemsOf = (env: Record<string, string>): string[] => {
  try {
    loadConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('the settings', () => {
  it('need nothing: the defaults are those of the documentation', () => {
    expect(loadConfig({})).toMatchObject({
      HOST: '127.0.0.1',
      PORT: 3000,
      STORAGE: 'local',
      AUTH: 'keys',
      MAX_UPLOAD_BYTES: 10 * 2 ** 30,
      UPLOAD_TTL: 86_400,
      DIRECT_UPLOADS: false,
      publicUrl: 'http://127.0.0.1:3000',
    })
  })

  it('name every wrong variable at once, and never print a secret', () => {
    const problems = problemsOf({
      PORT: 'x',
      MAX_FORM_BYTES: '1 elephant',
      STORAGE: 'tape',
      DATABASE_URL: 'mysql://u:hunter2@h/d',
      UPLOAD_TTL: 'soon',
    })
    expect(problems.map((problem) => problem.split(':', 1)[0])).toEqual([
      'DATABASE_URL',
      'PORT',
      'STORAGE',
      'MAX_FORM_BYTES',
      'UPLOAD_TTL',
    ])
    expect(problems.join('\n')).not.toContain('hunter2')
  })

  it.each([
    ['100MiB', 100 * 2 ** 20],
    ['5', 5],
    ['3 GiB', 3 * 2 ** 30],
  ])('read %s as bytes', (text, bytes) => {
    expect(loadConfig({ MAX_FORM_BYTES: text }).MAX_FORM_BYTES).toBe(bytes)
  })

  it('an empty variable is one that is not set', () => {
    expect(loadConfig({ PORT: '', QUEUE_URL: '' })).toMatchObject({ PORT: 3000, QUEUE_URL: undefined })
  })

  it('the queue lives in the database unless it is told otherwise', () => {
    const url = 'postgres://u:p@127.0.0.1/sluice'
    expect(loadConfig({ DATABASE_URL: url }).queueUrl).toBe(url)
    expect(loadConfig({ DATABASE_URL: url, QUEUE_URL: 'redis://127.0.0.1' }).queueUrl).toBe('redis://127.0.0.1')
  })

  it('AUTH=none is refused off the loopback, and in production', () => {
    expect(problemsOf({ AUTH: 'none', HOST: '127.0.0.1' })).toEqual([])
    expect(problemsOf({ AUTH: 'none', HOST: '::1' })).toEqual([])
    expect(problemsOf({ AUTH: 'none', HOST: '0.0.0.0' })[0]).toMatch(/^AUTH/)
    expect(problemsOf({ AUTH: 'none', NODE_ENV: 'production' })[0]).toMatch(/^AUTH/)
  })

  it('S3 wants a bucket, and both halves of its credentials or neither', () => {
    expect(problemsOf({ STORAGE: 's3' })[0]).toMatch(/^S3_BUCKET/)
    expect(problemsOf({ STORAGE: 's3', S3_BUCKET: 'b', S3_ACCESS_KEY_ID: 'a' })[0]).toMatch(
      /^S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY/,
    )
  })

  it('FETCH_ALLOW with an entry that means nothing is said at start, not found out later', () => {
    expect(problemsOf({ FETCH_ALLOW: '10.0.0.0/8,media.internal' })).toEqual([])
    expect(problemsOf({ FETCH_ALLOW: '10.0.0.0/99' })[0]).toMatch(/^FETCH_ALLOW/)
  })

  it('name what is wrong in the profiles’ file beside what else is wrong, each with its path', async () => {
    const folder = await tempFolder()
    const file = path.join(folder, 'profiles.json')
    await writeFile(file, '{ "mobile": { "video": { "crf": 99 } } }')
    expect(problemsOf({ PROFILES_FILE: file, AUTH: 'none', HOST: '0.0.0.0' })).toEqual([
      expect.stringMatching(/^AUTH: /),
      expect.stringMatching(/^PROFILES_FILE: mobile\.video\.crf: Too big/),
    ])
    await writeFile(file, '{ "mobile": ')
    expect(problemsOf({ PROFILES_FILE: file })).toEqual([
      expect.stringMatching(/^PROFILES_FILE: .*profiles\.json is no JSON/),
    ])
    expect(problemsOf({ PROFILES_FILE: path.join(folder, 'gone.json') })).toEqual([
      expect.stringMatching(/gone\.json cannot be read: ENOENT/),
    ])
    await writeFile(file, '{ "mobile": { "extends": "fast", "poster": false } }')
    expect(loadConfig({ PROFILES_FILE: file }).profiles.get('mobile')).toMatchObject({ poster: false })
  })
})
