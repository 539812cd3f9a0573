import type { Config } from '../config.ts'
import { signingSecretOf } from '../signing-secret.ts'
import type { LocalSettings } from './local.ts'
import type { StorageSettings } from './open.ts'
import type { S3Settings } from './s3-client.ts'

/** What the settings say of storage, in the storage's own words. */
export function storageSettings(config: Config): StorageSettings {
  return config.STORAGE === 'local' ? localSettings(config) : bucketSettings(config, config.S3_BUCKET ?? '')
}

/** The folder of local storage, which is that of the spool where S3 is the store. */
export function localSettings(config: Config): LocalSettings {
  return {
    driver: 'local',
    dir: config.STORAGE_DIR,
    floor: config.DISK_FLOOR,
    publicUrl: config.publicUrl,
    signingSecret: signingSecretOf(config),
  }
}

/** Any bucket of the store that the settings name. */
export function bucketSettings(config: Config, bucket: string): S3Settings {
  return {
    driver: 's3',
    bucket,
    region: config.S3_REGION,
    forcePathStyle: config.S3_FORCE_PATH_STYLE,
    ...(config.S3_ENDPOINT === undefined ? {} : { endpoint: config.S3_ENDPOINT }),
    ...(config.S3_ACCESS_KEY_ID === undefined ? {} : { accessKeyId: config.S3_ACCESS_KEY_ID }),
    ...(config.S3_SECRET_ACCESS_KEY === undefined ? {} : { secretAccessKey: config.S3_SECRET_ACCESS_KEY }),
    ...(config.S3_PUBLIC_URL === undefined ? {} : { publicUrl: config.S3_PUBLIC_URL }),
  }
}
