/** The system's or Postgres's code of an error, `ENOENT` or `57P03` for example. */
export function asErrno(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
