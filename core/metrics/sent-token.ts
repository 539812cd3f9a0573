import { hash, timingSafeEqual } from 'node:crypto'

const digest = (text: string) => hash('sha256', text, 'buffer')

/** Whether an Authorization header bears this token; takes as long for every wrong one. */
export function bearsToken(authorization: string | undefined, token: string): boolean {
  const [, sent = ''] = /^Bearer +(\S{1,8192})$/i.exec(authorization ?? '') ?? []
  return timingSafeEqual(digest(sent), digest(token))
}
