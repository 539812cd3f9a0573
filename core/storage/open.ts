import { type LocalSettings, type LocalStorage, openLocalStorage } from './local.ts'
import { openS3Storage, type S3Settings } from './s3.ts'
import type { Storage } from './storage.ts'

export type StorageSettings = LocalSettings | S3Settings

/** The store that the settings name. Nothing is reached until the first call. */
export function openStorage(settings: LocalSettings): LocalStorage
export function openStorage(settings: StorageSettings): Storage
export function openStorage(settings: StorageSettings): Storage {
  return settings.driver === 'local' ? openLocalStorage(settings) : openS3Storage(settings)
}
