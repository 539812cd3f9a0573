import type { z } from 'zod'
import { isId } from '../core/ids.ts'

/** Opaque to callers, so that what a page ends with may change. */
export const cursorOf = (id: string) => Buffer.from(id).toString('base64url')

/** For a zod transform: the id in a cursor, or an issue where it is not one of ours. */
export function idOf(cursor: string, ctx: z.RefinementCtx): string {
  const id = Buffer.from(cursor, 'base64url').toString()
  if (!isId(id)) ctx.addIssue({ code: 'custom', message: 'is not a cursor that came from here' })
  return id
}
