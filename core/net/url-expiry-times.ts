/** A time out of these bounds is a number that means something else. */
const earliest = Date.UTC(2015, 0)
const latest = Date.UTC(2100, 0)
const plausible = (ms: number) => (ms >= earliest && ms < latest ? ms : undefined)

/** Seconds since 1970, or milliseconds where there are so many digits. */
export function epochTime(value: string): number | undefined {
  if (/^\d{10}(\.\d{1,6})?$/.test(value)) return plausible(Number(value) * 1000)
  return /^\d{13}$/.test(value) ? plausible(Number(value)) : undefined
}

export const hexTime = (value: string) =>
  /^[0-9a-f]{8}$/i.test(value) ? plausible(Number.parseInt(value, 16) * 1000) : undefined

/** ISO 8601, also a bare day, which ends nothing before its beginning. */
export function isoTime(value: string): number | undefined {
  // A plus sign in a query reads as a space.
  const text = value.replace(/ (?=\d\d:\d\d$)/, '+')
  const wellFormed = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/.test(text)
  return wellFormed ? plausible(Date.parse(text)) : undefined
}

/** `20261121T090000Z`, as signatures write it. */
export function compactTime(value: string): number | undefined {
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(value) ?? []
  const [year = '', month = '', day = '', hour = '', minute = '', second = ''] = parts
  return parts.length === 0 ? undefined : plausible(Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`))
}

export const lasting = (from: number, seconds: string) =>
  /^\d{1,9}$/.test(seconds) ? plausible(from + Number(seconds) * 1000) : undefined
