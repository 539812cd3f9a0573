import { describe, expect, it } from 'vitest'
import { createLogger, redactAddresses } from './logger.ts'

function linesOf(use: (log: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = []
  use(createLogger({ level: 'trace', name: 'test' }, { write: (line) => lines.push(line) }))
  return lines.join('')
}
const signed = 'https://bucket.s3.amazonaws.com/cat.mp4?X-Amz-Signature=CANARY&X-Amz-Expires=60'

describe('a log line', () => {
  it('is one line of JSON with level, process and whatever it was given', () => {
    const line = linesOf((log) => log.child({ assetId: 'a1' }).info({ requestId: 'r1' }, 'hello'))
    expect(JSON.parse(line)).toMatchObject({
      level: 'info',
      process: 'test',
      assetId: 'a1',
      requestId: 'r1',
      msg: 'hello',
    })
  })

  it.each([
    ['in its message', (log: ReturnType<typeof createLogger>) => log.info(`fetching ${signed}`)],
    ['in a field', (log: ReturnType<typeof createLogger>) => log.info({ url: signed }, 'fetching')],
    [
      'deep in a field',
      (log: ReturnType<typeof createLogger>) => log.info({ job: { data: [{ from: signed }] } }, 'fetching'),
    ],
    [
      'in an error, its stack and its cause',
      (log: ReturnType<typeof createLogger>) =>
        log.error({ err: new Error(`no ${signed}`, { cause: new Error(signed) }) }, 'failed'),
    ],
    [
      'in an error without words',
      (log: ReturnType<typeof createLogger>) => {
        log.error({ err: new Error(`no ${signed}`) })
        log.error(new Error(`no ${signed}`))
      },
    ],
    ['in a format string', (log: ReturnType<typeof createLogger>) => log.info('fetching %s', signed)],
  ])('never shows the query of a signed address %s', (_where, use) => {
    const line = linesOf(use)
    expect(line).not.toContain('CANARY')
    expect(line).toContain('bucket.s3.amazonaws.com/cat.mp4')
  })

  it('never shows the mark in the path of a signed address', () => {
    const mark = `~1789999999.${'CANARY'.repeat(7)}x`
    const line = linesOf((log) => log.info({ path: `/media/${mark}/t/a/p1/hls/0.m4s` }, `of ${mark}/t`))
    expect(line).not.toContain('CANARY')
    expect(line).toContain('/media/~[redacted]/t/a/p1/hls/0.m4s')
  })

  it('never shows a password, a key or a cookie', () => {
    const line = linesOf((log) =>
      log.info(
        { authorization: 'Bearer CANARY', headers: { cookie: 'CANARY' }, db: 'postgres://user:CANARY@host/db' },
        'x',
      ),
    )
    expect(line).not.toContain('CANARY')
  })

  it.each([
    ['an API key', `sl_${'CANARY'.repeat(6)}`],
    ['a JWT', `eyJ${'CANARY'.repeat(4)}.eyJzdWIi${'CANARY'.repeat(4)}.${'CANARY'.repeat(4)}`],
    ['what stands in Authorization', `Basic ${'CANARY'.repeat(4)}`],
  ])('never shows %s inside of a text', (_what, secret) => {
    const line = linesOf((log) => {
      log.warn({ reason: `wrong: ${secret}`, err: new Error(`no ${secret}`) }, `tried ${secret}`)
    })
    expect(line).not.toContain('CANARY')
  })

  it('stays short, whatever is said: of a megabyte the beginning and the end, and in no time', () => {
    const stderr = `${'http://a'.repeat(130_000)} the last words`
    const started = performance.now()
    const line = linesOf((log) => log.error({ err: new Error(stderr), stderr }, stderr.slice(-8_192)))
    // An expression that looks back from every place would be at it for minutes.
    expect(performance.now() - started).toBeLessThan(20_000)
    expect(line.length).toBeLessThan(50_000)
    expect(line).toContain('the last words')
  })

  it('holds no control character, so that a terminal shows it as it is', () => {
    const line = linesOf((log) => log.info({ filename: '\x1b[2J\x07\x9b31m' }, 'a\x1b]0;title\x07\r\nb'))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    expect(line.trimEnd()).not.toMatch(/[\x00-\x1f\x7f-\x9f]/)
  })

  it('moves no terminal, wherever a stranger’s text stands in it', () => {
    const line = linesOf((log) => log.child({ assetId: '\u009b2J\u202e' }).info({ ['\u007f\u009d']: 1 }, '\u0085'))
    expect(line).not.toMatch(/[\u007f-\u009f\u202e]/)
    expect(JSON.parse(line)).toMatchObject({ assetId: '\u009b2J\u202e', '\u007f\u009d': 1 })
  })

  it('cannot be forged by a file name', () => {
    const line = linesOf((log) => log.info({ filename: 'a\n{"level":"fatal","msg":"fake"}' }, 'b\n{"level":"fatal"}'))
    expect(line.trimEnd().split('\n')).toHaveLength(1)
  })

  it('leaves addresses without secrets as they are', () => {
    expect(redactAddresses('see https://example.com/a/b.mp4 for more')).toBe('see https://example.com/a/b.mp4 for more')
  })
})
