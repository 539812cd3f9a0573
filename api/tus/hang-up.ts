import type { TusCall } from './call.ts'

/** Long enough for an answer to be read by a client that is still sending, which might not hear it after a hang-up. */
const lingerMs = 5_000

/** Of a body that was not taken to its end: no connection is kept for the rest of it. */
export function hangUpUnlessRead({ house, request, reply }: TusCall): void {
  const { raw } = request
  if (raw.complete) return
  if (house.closing.aborted) reply.header('connection', 'close')
  else reply.raw.once('finish', () => setTimeout(() => raw.complete || raw.destroy(), lingerMs).unref())
}
