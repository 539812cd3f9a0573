import { CommanderError } from 'commander'
import { isId } from '../core/ids.ts'
import { isTenant } from '../core/tenant.ts'

/** Every command that needs the database takes it. */
export const dataOption = ['--data <folder>', 'the embedded instance to use without DATABASE_URL', '.sluice'] as const
export const jsonOption = ['--json', 'print JSON, for programs'] as const

export type Where = { data: string; json?: boolean }

/** Said in one line, and the exit code is 2. */
export const wrongUse = (code: string, message: string) => new CommanderError(2, `sluice.${code}`, `error: ${message}`)

export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw wrongUse('number', `"${text}" is not a whole number`)
  return Number(text)
}

export function positive(text: string): number {
  const number = wholeNumber(text)
  if (number > 0) return number
  throw wrongUse('number', `"${text}" is less than one`)
}

export function percent(text: string): number {
  const number = Number(/^\d{1,3}(\.\d+)?(?=%?$)/.exec(text)?.[0] ?? Number.NaN)
  if (number >= 0 && number <= 100) return number
  throw wrongUse('percent', `"${text}" is no percentage; it is like 5`)
}

/** `30`, `30/min`, `1/s`, `500/h`: as so many a minute. */
export function perMinute(text: string): number {
  const [, number = '', , unit = 'min'] = /^(\d+(\.\d+)?)(?:\/(s|min|h))?$/.exec(text) ?? []
  const rate = Number(number || Number.NaN) * (unit === 's' ? 60 : unit === 'h' ? 1 / 60 : 1)
  if (rate > 0) return rate
  throw wrongUse('rate', `"${text}" is no rate; it is like 30/min, 1/s or 500/h`)
}

/** A day or a moment, as in any ISO 8601; a day begins in UTC. */
export function moment(text: string): string {
  const [, day = ''] = /^(\d{4}-\d\d-\d\d)(T.*)?$/.exec(text) ?? []
  const date = new Date(isDay(day) ? text : Number.NaN)
  if (!Number.isNaN(date.getTime())) return date.toISOString()
  throw wrongUse('date', `"${text}" is no date; it is like 2026-01-31 or 2026-01-31T12:00:00Z`)
}

/** A Date takes the 31st of February for a day of March. */
function isDay(text: string): boolean {
  const date = new Date(text)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}

export function anId(text: string): string {
  if (isId(text)) return text.toLowerCase()
  throw wrongUse('id', `"${text}" is no id`)
}

export function tenantName(text: string): string {
  if (isTenant(text)) return text
  throw wrongUse('tenant', 'a tenant is named in lower-case letters, digits and dashes')
}

/** One of a few words. */
export const oneOf =
  <Word extends string>(words: readonly Word[], what: string) =>
  (text: string): Word => {
    const found = words.find((word) => word === text)
    if (found !== undefined) return found
    throw wrongUse(what, `there is no ${what} "${text}"; there are ${words.join(', ')}`)
  }
