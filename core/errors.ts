import { type ErrorCode, errorCodes, type Fate } from './error-codes.ts'

export type { ErrorCode, Fate }

/** One wrong field of a request, as RFC 9457 `errors` shows it. */
export type FieldError = { path: string; message: string }

type Options = {
  /** For the logs: may name paths, hosts and stderr. */
  message: string
  /** For the caller: what happened to their media or request. Default: the title of the code. */
  publicMessage?: string
  cause?: unknown
  /** Only where this failure's fate differs from its code's. */
  fate?: Fate
  /** Only where this failure's HTTP status differs from its code's. */
  status?: number
  retryAfterMs?: number
  /** Only with the fate `later`: no try begins after this, but for one last at this moment. In place of the code's patience. */
  until?: Date
  errors?: FieldError[]
  /** What else the answer names, beside what every problem does. */
  members?: Record<string, unknown>
}

/** Every failure that we understand: a stable code, a fate, one message for the logs and one for the caller. */
export class SluiceError extends Error {
  override readonly name = 'SluiceError'
  readonly code: ErrorCode
  readonly status: number
  readonly fate: Fate
  readonly publicMessage: string
  readonly retryAfterMs: number | undefined
  readonly until: Date | undefined
  readonly errors: FieldError[] | undefined
  readonly members: Record<string, unknown> | undefined

  constructor(code: ErrorCode, options: Options) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause })
    const entry = errorCodes[code]
    this.code = code
    this.status = options.status ?? entry.status
    this.fate = options.fate ?? entry.fate
    this.publicMessage = options.publicMessage ?? entry.title
    this.retryAfterMs = options.retryAfterMs
    this.until = options.until
    this.errors = options.errors
    this.members = options.members
  }
}

const diskFull = (thrown: unknown) =>
  thrown instanceof Error && 'code' in thrown && (thrown.code === 'ENOSPC' || thrown.code === 'EDQUOT')

/** Out of descriptors or processes, or a disk that has turned read-only: a matter of this machine, and of no task. */
const machineAtItsEnd = (thrown: unknown) =>
  thrown instanceof Error && 'code' in thrown && /^(EMFILE|ENFILE|EAGAIN|EROFS)$/.test(String(thrown.code))

/** Turns whatever was thrown into an error with code and fate; what nobody foresaw is `internal`, and tried again. */
export function asSluiceError(thrown: unknown): SluiceError {
  if (thrown instanceof SluiceError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  if (diskFull(thrown)) return new SluiceError('no_space', { message, cause: thrown })
  if (machineAtItsEnd(thrown)) return new SluiceError('unavailable', { message, cause: thrown })
  return new SluiceError('internal', { message, cause: thrown })
}
