import type { Locker } from '@tus/server'
import type { HeldLock } from '../../core/db/locks.ts'
import { SluiceError } from '../../core/errors.ts'
import { uploadLock } from '../../core/uploads/upload-lock.ts'
import { bringsBytes, type TusCall } from './call.ts'
import { isWhole } from './the-upload.ts'

/** Long enough for a holder to get what came onto storage. */
const waitMs = 10_000

/**
 * One request at a time writes to an upload, whichever process it is in. Who comes later asks the one before to let go,
 * because the one before is mostly a connection that broke unheard.
 */
export function lockerFor(call: TusCall): Locker {
  let held: HeldLock | undefined
  const onLost = () => call.stop.abort(held?.lost.reason)
  return {
    newLock: (id) => ({
      async lock() {
        if (!needsLock(call)) return
        held = await call.house.locks.take(uploadLock(id), { waitMs, signal: call.gone, onWanted: () => letGo(call) })
        if (held === undefined) throw stillHeld(id)
        held.lost.addEventListener('abort', onLost, { once: true })
        if (held.lost.aborted) onLost()
      },
      async unlock() {
        held?.lost.removeEventListener('abort', onLost)
        await held?.release()
      },
    }),
  }
}

/** Only looking needs no lock, unless somebody writes, or died and left something to be done. */
function needsLock(call: TusCall): boolean {
  const { method, upload } = call
  if (upload === undefined) return bringsBytes(call)
  if (upload.status !== 'open') return false
  return method !== 'HEAD' || upload.writer !== null || isWhole(upload)
}

const letGo = (call: TusCall) =>
  call.stop.abort(
    new SluiceError('upload_interrupted', {
      message: `another request wants upload ${call.id}`,
      publicMessage: 'Another request goes on with this upload.',
    }),
  )

const stillHeld = (id: string) =>
  new SluiceError('upload_locked', {
    message: `upload ${id} is held by a request that does not let go`,
    retryAfterMs: 1_000,
  })
