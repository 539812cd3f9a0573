import { pino, stdSerializers } from 'pino'
import type { Config } from './config.ts'

export type { Logger } from 'pino'

const addressWithQuery = /(\bhttps?:\/\/)(?:[^\s/@"'<>]*@)?([^\s?#"'<>]*)[?#][^\s"'<>]*/gi
const marks = /~\d{1,12}\.[\w-]{16,}/g
const credentials = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"'<>]*@/gi

const keys = /\b(sl_|eyJ)[\w-]{16,}(?:\.[\w-]+)*/g
const bearer = /\b(bearer|basic) +[\w.~+/=-]{8,}/gi

/** Takes out of a text what a signed address must not show: its query, its fragment, a signature in its path, and any user and password. */
export function redactAddresses(text: string): string {
  return text
    .replace(addressWithQuery, '$1$2?[redacted]')
    .replace(credentials, '$1[redacted]@')
    .replace(marks, '~[redacted]')
}

/** What is looked through for secrets: a text without end would take the time of all others. */
const mostRead = 32_768
const [mostFront, mostTail] = [1_000, 8_300]

/** What JSON leaves as it is, and a terminal obeys: C1 controls, and marks that turn a line round. */
const obeyed = /[\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g
const spelled = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Fit for a line: without secrets, and of a long text, a stranger's or a program's, the beginning and the end. */
function fitForLog(text: string): string {
  const clean = redactAddresses(text.slice(0, mostRead))
    .replace(keys, '$1[redacted]')
    .replace(bearer, '$1 [redacted]')
    .replace(obeyed, spelled)
  if (clean.length <= mostFront + mostTail) return clean
  return `${clean.slice(0, mostFront)} [${text.length} characters] ${clean.slice(-mostTail)}`
}

/** Any value with all its texts fit to be read by operators. */
export function redactDeep(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return fitForLog(value)
  if (depth > 6 || typeof value !== 'object' || value === null || value instanceof Date) return value
  if (Array.isArray(value)) return value.map((item) => redactDeep(item, depth + 1))
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactDeep(item, depth + 1)]))
}

/** An error that is logged without words is its own message, which pino would take as it is. */
function impliedMessage([about, words]: unknown[]): string[] {
  if (words !== undefined || typeof about !== 'object' || about === null) return []
  const error = 'err' in about ? about.err : about
  return error instanceof Error ? [error.message] : []
}

/** JSON lines on standard error. Signed addresses and secrets never reach a line, wherever they stand in it. */
export function createLogger(
  { level, name }: { level: Config['LOG_LEVEL']; name: string },
  stream?: { write(line: string): void },
) {
  const out = stream ?? pino.destination({ dest: 2, sync: true })
  return pino(
    {
      level,
      base: { process: name, pid: process.pid },
      redact: {
        paths: [
          'authorization',
          'cookie',
          'secret',
          'password',
          '*.authorization',
          '*.cookie',
          '*.secret',
          '*.password',
        ],
        censor: '[redacted]',
      },
      serializers: { err: (error: Error) => redactDeep(stdSerializers.err(error)) },
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) =>
          Object.fromEntries(
            Object.entries(fields).map(([key, value]) => [key, value instanceof Error ? value : redactDeep(value)]),
          ),
      },
      hooks: {
        logMethod(args, method) {
          const said = [...args, ...impliedMessage(args)]
          method.apply(this, said.map((arg) => (typeof arg === 'string' ? fitForLog(arg) : arg)) as typeof args)
        },
      },
    },
    // Once more for the whole line: names of fields, and what a child logger was made with, come as they are.
    { write: (line: string) => void out.write(line.replace(obeyed, spelled)) },
  )
}
