import { z } from 'zod'
import { faultPoints } from './fault-point.ts'
import { isUsablePublicKey } from './public-key.ts'

/** How the texts of environment variables are read; each fault says what is wanted. */
const units: Record<string, number> = { '': 1, b: 1, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40 }
const times: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 }

export const bytes = z.string().transform((text, ctx) => {
  const [, number, unit = ''] = /^(\d+)\s*([a-z]*)$/i.exec(text.trim()) ?? []
  const factor = units[unit.toLowerCase()]
  if (number !== undefined && factor !== undefined && Number(number) * factor <= Number.MAX_SAFE_INTEGER)
    return Number(number) * factor
  ctx.addIssue({ code: 'custom', message: 'wants bytes, like 104857600 or 100MiB' })
  return z.NEVER
})
/** `2%`, `5GiB`, or both by comma; `off`: nothing. */
export const floor = z.string().transform((text, ctx) => {
  const kept: { percent?: number; bytes?: number } = {}
  const parts = text.trim() === 'off' ? [] : text.split(',').map((part) => part.trim())
  for (const part of parts) {
    const percent = /^\d{1,2}(\.\d+)?%$/.test(part) ? Number(part.slice(0, -1)) : undefined
    const size = percent === undefined ? bytes.safeParse(part) : undefined
    if (percent !== undefined) kept.percent = percent
    else if (size?.success) kept.bytes = size.data
    else ctx.addIssue({ code: 'custom', message: 'wants a share of the disk, bytes, or both, like 2%,5GiB, or off' })
  }
  return kept
})
export const seconds = z.string().transform((text, ctx) => {
  const [, number, unit = 's'] = /^(\d+)\s*([smhd]?)$/i.exec(text.trim()) ?? []
  const factor = times[unit.toLowerCase() || 's']
  if (number !== undefined && factor !== undefined) return Number(number) * factor
  ctx.addIssue({ code: 'custom', message: 'wants a time, like 90, 90s, 15m, 24h or 7d' })
  return z.NEVER
})
/** In seconds; undefined: for ever. */
export const retention = z.string().transform((text, ctx) => {
  const wish = text.trim()
  if (wish === 'keep') return undefined
  if (wish === 'delete') return 0
  if (/^\d{1,5}$/.test(wish)) return Number(wish) * 86_400
  ctx.addIssue({ code: 'custom', message: 'wants keep, delete, or a number of days' })
  return z.NEVER
})
export const whole = (min: number, max: number) =>
  z.string().transform((text, ctx) => {
    const value = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return value
    ctx.addIssue({ code: 'custom', message: `wants a whole number from ${min} to ${max}` })
    return z.NEVER
  })
export const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
)
export const url = (protocols: RegExp, example: string) =>
  z
    .string()
    .refine((text) => URL.canParse(text) && protocols.test(new URL(text).protocol), `wants an address like ${example}`)
export const isOrigin = (text: string) => text === '*' || URL.parse(text)?.origin === text
export const web = url(/^https?:$/, 'https://media.example.com')
export const flag = z.enum(['on', 'off']).transform((text) => text === 'on')
/** `600/m`: so many in a second, minute, hour or day; `off`: as many as they like. */
export const rate = z.string().transform((text, ctx) => {
  if (text.trim() === 'off') return 'off' as const
  const [, count, unit = ''] = /^(\d{1,9})\/([smhd])$/.exec(text.trim()) ?? []
  const seconds = times[unit]
  if (Number(count) > 0 && seconds !== undefined) return { count: Number(count), seconds }
  ctx.addIssue({ code: 'custom', message: 'wants a rate, like 600/m or 50000/h, or off' })
  return z.NEVER
})
export const text = z.string().min(1)
/** `name:n`: the n-th time that this is passed. */
export const point = z.string().transform((text, ctx) => {
  const [, named, n] = /^([a-z-]+):([1-9]\d{0,5})$/.exec(text.trim()) ?? []
  const name = faultPoints.find((one) => one === named)
  if (name !== undefined) return { name, n: Number(n) }
  ctx.addIssue({ code: 'custom', message: `wants name:n, of ${faultPoints.join(', ')}` })
  return z.NEVER
})
/** In a variable of one line, line ends are often written as `\\n`. */
export const publicKey = z
  .string()
  .transform((pem) => pem.replaceAll('\\n', '\n'))
  .refine(isUsablePublicKey, 'wants the public key of RS256 (2048 bits or more), ES256 or EdDSA, as PEM')

/** One environment variable: how it is read, and what the documentation says of it. */
export type Setting = { schema: z.ZodType; shown: string; about: string; secret?: boolean }
