import { posix } from 'node:path'
import { isSafeKey } from './keys.ts'

/** Where media lies already: `s3://bucket/key`, or `file:/path` with the path written as in any URL. */
export type ObjectAddress = { in: 'bucket'; bucket: string; key: string } | { in: 'folder'; path: string }

/** Undefined for what is no such address, or could mean two things. */
export function parseObjectAddress(text: string): ObjectAddress | undefined {
  const [, bucket, key] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+)$/s.exec(text) ?? []
  if (bucket !== undefined && key !== undefined) return isSafeKey(key) ? { in: 'bucket', bucket, key } : undefined
  const [, written] = /^file:(?:\/\/)?(\/[^?#]+)$/.exec(text) ?? []
  const path = written === undefined ? undefined : decoded(written)
  return path !== undefined && isPlain(path) ? { in: 'folder', path } : undefined
}

/** No part of it leads up or stands still. What may be read below which folder is asked elsewhere. */
const isPlain = (path: string) => path === posix.normalize(path) && !path.startsWith('//') && !path.includes('\0')

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}
