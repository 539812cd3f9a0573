import { redactDeep } from './logger.ts'

const pattern = /^[\w.:-]{1,100}$/

/** An id that a stranger gave to what he asks for, where it may stand on every line about it. */
export function saneRequestId(sent: unknown): string | undefined {
  return typeof sent === 'string' && pattern.test(sent) && redactDeep(sent) === sent ? sent : undefined
}
