import type { z } from 'zod'
import { SluiceError } from '../core/errors.ts'

/** Checks what a caller sent, and names everything that is wrong with it at once. */
export function parseInput<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw invalid(parsed.error.issues.map((issue) => ({ path: issue.path.join('.') || 'body', message: issue.message })))
}

const most = 20
const mostLong = 300
const short = (text: string) => (text.length > mostLong ? `${text.slice(0, mostLong)}…` : text)

/** However much is wrong, the answer and the log line stay short. */
export function invalid(all: { path: string; message: string }[]): SluiceError {
  const errors = all.slice(0, most).map(({ path, message }) => ({ path: short(path), message: short(message) }))
  const detail = errors.map((error) => `${error.path}: ${error.message}`).join('; ')
  return new SluiceError('invalid_request', { message: detail, publicMessage: detail, errors })
}
