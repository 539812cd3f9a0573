import { sql } from 'kysely'
import { SluiceError } from '../errors.ts'
import type { SettingValues } from '../settings.ts'
import type { Database } from './open.ts'
import { countOne } from './rates.ts'
import type { Trx } from './tasks.ts'

/** How much one tenant may have; 0 is without end. */
export type Quotas = Pick<
  SettingValues,
  'QUOTA_STORED_BYTES' | 'QUOTA_INFLIGHT_BYTES' | 'QUOTA_OPEN_UPLOADS' | 'QUOTA_ASSETS_PER_HOUR'
>

type Asked = { tenant: string; quotas: Quotas }

/**
 * Refuses what a transaction has just written, where the tenant has too much with it. The last thing in the transaction: from
 * here until it ends no other of this tenant passes, so that none of many at once slips through.
 */
export async function checkQuotas(
  trx: Trx,
  { tenant, quotas, newAsset }: Asked & { newAsset: boolean },
): Promise<void> {
  if (hasNone(quotas)) return
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${tenant}, 5))`.execute(trx)
  refuseTooMuch(await usageOf(trx, tenant), quotas)
  if (newAsset) await countAsset(trx, { tenant, quotas })
}

/** The same question ahead, for bytes that are about to come: a first answer before they have been sent for nothing. */
export async function foreseeQuotas(db: Database, { tenant, quotas, bytes }: Asked & { bytes: number }): Promise<void> {
  if (quotas.QUOTA_STORED_BYTES === 0) return
  const usage = await usageOf(db, tenant)
  refuseTooMuch({ ...usage, stored: usage.stored + bytes, inflight: 0, uploads: 0 }, quotas)
}

/** How many more bytes a tenant may store, for bytes whose number nobody knows beforehand. */
export async function roomLeft(db: Database, { tenant, quotas }: Asked): Promise<number> {
  if (quotas.QUOTA_STORED_BYTES === 0) return Number.POSITIVE_INFINITY
  const { stored, inflight } = await usageOf(db, tenant)
  return quotas.QUOTA_STORED_BYTES - stored - inflight
}

export const noRoom = ({ QUOTA_STORED_BYTES }: Quotas) =>
  exceeded(`${QUOTA_STORED_BYTES} bytes may be stored; delete some assets first.`)

const hasNone = (quotas: Quotas) =>
  quotas.QUOTA_STORED_BYTES + quotas.QUOTA_INFLIGHT_BYTES + quotas.QUOTA_OPEN_UPLOADS + quotas.QUOTA_ASSETS_PER_HOUR ===
  0

type Usage = { stored: number; inflight: number; uploads: number }

/** A few ledger rows and the uploads that are open: never all assets. Announced bytes count as if they had come; where nobody said how many, all that may. */
async function usageOf(db: Database | Trx, tenant: string): Promise<Usage> {
  const { rows } = await sql<Usage>`
    SELECT (SELECT coalesce(sum(bytes), 0)::bigint FROM stored_bytes WHERE tenant = ${tenant}) AS stored,
           coalesce(sum(coalesce(bytes, max_bytes)), 0)::bigint AS inflight, count(*) AS uploads
    FROM uploads WHERE tenant = ${tenant} AND status = 'open' AND expires_at > now()`.execute(db)
  const [usage] = rows
  if (usage === undefined) throw new Error('sums came back without a row')
  return usage
}

function refuseTooMuch({ stored, inflight, uploads }: Usage, quotas: Quotas): void {
  const { QUOTA_STORED_BYTES, QUOTA_INFLIGHT_BYTES, QUOTA_OPEN_UPLOADS } = quotas
  if (over(QUOTA_STORED_BYTES, stored + inflight)) throw noRoom(quotas)
  if (over(QUOTA_INFLIGHT_BYTES, inflight))
    throw exceeded(`${QUOTA_INFLIGHT_BYTES} bytes may be on their way at once; finish or delete some uploads first.`)
  if (over(QUOTA_OPEN_UPLOADS, uploads))
    throw tooMany(`${QUOTA_OPEN_UPLOADS} uploads may be open at once; finish or delete some first.`, 60_000)
}

async function countAsset(trx: Trx, { tenant, quotas: { QUOTA_ASSETS_PER_HOUR: most } }: Asked): Promise<void> {
  if (most === 0) return
  const { count, resetMs } = await countOne(trx, { subject: `assets:${tenant}`, seconds: 3_600 })
  if (over(most, count)) throw tooMany(`${most} assets may be made in an hour.`, resetMs)
}

const over = (most: number, is: number) => most > 0 && is > most

const exceeded = (publicMessage: string) => new SluiceError('quota_exceeded', { message: publicMessage, publicMessage })

/** Time helps here, so the caller is told how much of it. */
const tooMany = (publicMessage: string, retryAfterMs: number) =>
  new SluiceError('quota_exceeded', { message: publicMessage, publicMessage, status: 429, fate: 'later', retryAfterMs })
