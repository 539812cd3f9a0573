import { SluiceError } from '../errors.ts'

/** Deadlock, serialization, shutdown, too many connections, and connections that broke: the same may well pass a moment later. Not 08P01: what broke the protocol once breaks it again. */
const passingState = /^(40001|40P01|08(?!P01)|57P|53)/
const passingErrno = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)$/
const passingWords =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Query read timeout)/i

/** Whether Postgres is only away, or in the way of itself: nobody's fault, and no reason to give anything up. */
export function isDatabaseAway(error: unknown): error is Error {
  if (!(error instanceof Error) || error instanceof SluiceError) return false
  const code = 'code' in error ? String(error.code) : ''
  // Storage and sources wrap their sockets' errors in errors of their own, and a child's broken pipe gives way to how the
  // child ended, so a bare one here is the database's.
  return passingState.test(code) || passingErrno.test(code) || passingWords.test(error.message)
}

export const databaseAway = (cause: Error) =>
  new SluiceError('unavailable', { message: `the database: ${cause.message}`, cause, retryAfterMs: 2_000 })
