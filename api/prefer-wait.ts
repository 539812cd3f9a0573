const longestSeconds = 60

/** `Prefer: wait=N` (RFC 7240): how long the caller would rather wait for the end than ask again. Undefined where it is not preferred, or not understood. */
export function preferredWait(header: string | string[] | undefined): number | undefined {
  const text = Array.isArray(header) ? header.join(',') : (header ?? '')
  const [, seconds] = /(?:^|[,;])\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:[,;]|$)/i.exec(text) ?? []
  return seconds === undefined ? undefined : Math.min(longestSeconds, Number(seconds))
}
