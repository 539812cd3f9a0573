import { aboveFloor } from './above-floor.ts'
import { type LocalSettings, openLocalStorage } from './local.ts'
import type { S3Settings } from './s3.ts'
import type { Storage } from './storage.ts'

export type StorageSettings = LocalSettings | S3Settings

/** The store that the settings name. Nothing is reached until the first call; the S3 client is not even loaded where it is not used. */
export async function openStorage(settings: StorageSettings): Promise<Storage> {
  if (settings.driver === 'local') {
    const { dir, floor } = settings
    const local = openLocalStorage(settings)
    return floor ? aboveFloor(local, { dir, floor }) : local
  }
  const { openS3Storage } = await import('./s3.ts')
  return openS3Storage(settings)
}
