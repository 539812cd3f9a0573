import { setTimeout as rest } from 'node:timers/promises'
import { claimKey, findRequest, type Kept, type KeyRef } from '../../core/db/idempotency.ts'
import type { HeldLock } from '../../core/db/locks.ts'
import { SluiceError } from '../../core/errors.ts'
import { newId } from '../../core/ids.ts'
import type { ApiHouse } from '../house.ts'

/** The right to work on a request: of all that bear its key, in whichever process, one has it. */
export type Begun = { lock: HeldLock; assetId: string }

type Beginning = {
  house: Pick<ApiHouse, 'db' | 'locks'>
  ref: KeyRef
  /** Null for a form, which shows what it carries only when it is read. */
  requestHash: Buffer | null
  waitMs: number
  /** Fires when the caller hangs up. */
  gone: AbortSignal
}

/**
 * Begins a request under its key, or finds what it was answered. Whoever comes while another works on it waits for that
 * one's answer, and takes its place when it dies.
 */
export async function begin(options: Beginning): Promise<Begun | Kept> {
  const { house, ref, requestHash, gone } = options
  const until = performance.now() + options.waitMs
  for (let pauseMs = 20; ; pauseMs = Math.min(200, pauseMs * 1.5)) {
    gone.throwIfAborted()
    const lock = await house.locks.take(`once ${ref.tenant} ${ref.key}`, { waitMs: 0 })
    const begun = lock && (await claimUnder(lock, options))
    if (begun) return begun
    const found = await findRequest(house.db, ref)
    if (requestHash && found?.requestHash && !found.requestHash.equals(requestHash)) throw keyReused()
    if (found?.kept) return found.kept
    if (performance.now() > until) throw inProgress()
    await rest(pauseMs * (0.5 + Math.random()))
  }
}

/** Undefined, and the lock let go, where there is an answer already. */
async function claimUnder(lock: HeldLock, { house, ref, requestHash }: Beginning): Promise<Begun | undefined> {
  let claimed: { assetId: string } | undefined
  try {
    claimed = await claimKey(house.db, { ...ref, requestHash, assetId: newId() })
  } finally {
    if (claimed === undefined) await lock.release()
  }
  return claimed && { lock, assetId: claimed.assetId }
}

export const keyReused = () =>
  new SluiceError('idempotency_key_reused', { message: 'the key stands for another request' })

const inProgress = () =>
  new SluiceError('idempotency_in_progress', {
    message: 'the first request with this key has not ended',
    retryAfterMs: 2_000,
  })
