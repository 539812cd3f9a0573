import { isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'
import type { Database } from '../../core/db/open.ts'
import { countOne, type Rate } from '../../core/db/rates.ts'

/** Where somebody stands with a limit. */
export type Standing = { exceeded: boolean; limit: number; remaining: number; resetMs: number }

export type Limit = {
  /** Counts one more for a subject. Undefined: nobody limits. */
  count(subject: string): Promise<Standing | undefined>
  /** Where a subject stands that has spent its limit as far as this process knows; counts nothing. */
  spent(subject: string): Standing | undefined
}

const mostRemembered = 10_000

/** A limit that all processes share. Who has spent it is remembered here until its window ends, so that a flood does not reach the database. */
export function limitBy({ db, rate }: { db: Database; rate: Rate | 'off' }): Limit {
  if (rate === 'off') return { count: async () => undefined, spent: () => undefined }
  const { count: limit, seconds } = rate
  const until = new Map<string, number>()
  const standing = (count: number, resetMs: number): Standing => ({
    exceeded: count > limit,
    limit,
    remaining: Math.max(0, limit - count),
    resetMs,
  })
  const spent = (subject: string) => {
    const leftMs = (until.get(subject) ?? 0) - performance.now()
    if (leftMs > 0) return standing(limit + 1, leftMs)
    until.delete(subject)
    return undefined
  }
  return {
    spent,
    async count(subject) {
      const before = spent(subject)
      if (before !== undefined) return before
      const { count, resetMs } = await countOne(db, { subject, seconds })
      if (count > limit) {
        if (until.size >= mostRemembered) until.clear()
        until.set(subject, performance.now() + resetMs)
      }
      return standing(count, resetMs)
    },
  }
}

/** Whoever has one address of IPv6 has a network of them, so a network counts as one. */
export function addressSubject(ip: string): string {
  if (!isIPv6(ip)) return `from:${ip}`
  const address = ipaddr.process(ip)
  if (address instanceof ipaddr.IPv4) return `from:${address}`
  return `from:${address.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}`
}
