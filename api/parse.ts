import type { z } from 'zod'
import { SluiceError } from '../core/errors.ts'

/** Checks what a caller sent, and names everything that is wrong with it at once. */
export function parseInput<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw invalid(parsed.error.issues.map((issue) => ({ path: issue.path.join('.') || 'body', message: issue.message })))
}

export function invalid(errors: { path: string; message: string }[]): SluiceError {
  const detail = errors.map((error) => `${error.path}: ${error.message}`).join('; ')
  return new SluiceError('invalid_request', { message: detail, publicMessage: detail, errors })
}
