import type { IncomingHttpHeaders } from 'node:http'

type Version = { etag: string; modifiedAt: Date }

// HTTP dates know seconds only.
const seconds = (date: Date) => Math.floor(date.getTime() / 1000)
const atSecond = (text: string) => Date.parse(text) / 1000

/** Whether the client already holds this version: If-None-Match decides, If-Modified-Since only without it. */
export function isHeldAlready(headers: IncomingHttpHeaders, version: Version): boolean {
  const tags = headers['if-none-match']
  if (tags !== undefined)
    return tags.trim() === '*' || tags.split(',').some((tag) => tag.trim().replace(/^W\//, '') === version.etag)
  const since = headers['if-modified-since']
  return since !== undefined && seconds(version.modifiedAt) <= atSecond(since)
}

/** Whether a range may be cut from this version: If-Range wants the same strong tag, or exactly the same date. */
export function mayCutRange(headers: IncomingHttpHeaders, version: Version): boolean {
  const condition = headers['if-range']
  if (condition === undefined) return true
  const given = Array.isArray(condition) ? undefined : condition
  return given === version.etag || (given !== undefined && atSecond(given) === seconds(version.modifiedAt))
}
