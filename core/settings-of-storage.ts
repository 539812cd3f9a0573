import { z } from 'zod'
import { flag, floor, list, text, web } from './setting-schemas.ts'

/** Where media lies. */
export const settingsOfStorage = {
  STORAGE: {
    schema: z.enum(['local', 's3']).default('local'),
    shown: 'local',
    about: 'Where media lies: `local` disk or an `s3` store.',
  },
  STORAGE_DIR: {
    schema: text.default('.sluice/media'),
    shown: '.sluice/media',
    about: 'The folder of local storage, and of the spool.',
  },
  STORAGE_FALLBACK: {
    schema: z.enum(['local', 'none']).default('none'),
    shown: 'none',
    about:
      'What to do while S3 is away: wait (`none`), or [spool](storage.md#with-a-spool) to `STORAGE_DIR` (`local`), which all processes see.',
  },
  DISK_FLOOR: {
    schema: floor.default({ percent: 2, bytes: 5 * 2 ** 30 }),
    shown: '2%,5GiB',
    about:
      'How much is [left alone](storage.md#a-disk-that-fills) of the disks of `STORAGE_DIR` and `SCRATCH_DIR`: a share, bytes, or both, of which the lesser counts; `off` for nothing.',
  },
  S3_BUCKET: { schema: text.optional(), shown: '', about: 'The bucket. Needed with `STORAGE=s3`.' },
  S3_ENDPOINT: { schema: web.optional(), shown: 'AWS', about: 'The address of a store other than AWS.' },
  S3_REGION: { schema: text.default('us-east-1'), shown: 'us-east-1', about: 'The region of the bucket.' },
  S3_ACCESS_KEY_ID: { schema: text.optional(), shown: 'the AWS chain', about: 'Credentials of the bucket.' },
  S3_SECRET_ACCESS_KEY: {
    schema: text.optional(),
    shown: 'the AWS chain',
    about: 'Credentials of the bucket.',
    secret: true,
  },
  S3_FORCE_PATH_STYLE: {
    schema: flag.default(true),
    shown: 'on',
    about: '`on` puts the bucket into the path, as most stores other than AWS want it.',
  },
  S3_PUBLIC_URL: {
    schema: web.optional(),
    shown: 'endpoint and bucket',
    about: 'The CDN or public address in front of the bucket.',
  },
  SOURCE_BUCKETS: {
    schema: list.default([]),
    shown: '',
    about:
      'Other buckets that `{"source":{"object":…}}` may name, by comma. Every tenant may name all that is in them.',
  },
  SOURCE_DIRS: {
    schema: list.default([]),
    shown: '',
    about:
      'Folders that `file:` objects may lie in, by comma, seen by API and workers alike. Every tenant may name all files in them.',
  },
} as const
