/** The name of the lock that whoever writes to an upload, or finishes it, holds meanwhile. */
export const uploadLock = (id: string) => `upload:${id}`
