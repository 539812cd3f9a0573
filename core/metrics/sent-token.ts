import { isSameText } from '../same-text.ts'

/** Whether an Authorization header bears this token; takes as long for every wrong one. */
export function bearsToken(authorization: string | undefined, token: string): boolean {
  const [, sent = ''] = /^Bearer +(\S{1,8192})$/i.exec(authorization ?? '') ?? []
  return isSameText(sent, token)
}
