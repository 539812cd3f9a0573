import type { S3Access } from '../../scripts/servers/rgw.ts'

declare module 'vitest' {
  /** What the set-up hands to tests: `inject('redis').url`. */
  interface ProvidedContext {
    /** Where `testDatabase` asks for Postgres. Tests call that, not this. */
    postgresDesk: string
    /** In files named `*.redis.test.ts`. */
    redis: { url: string }
    /** In files named `*.s3.test.ts`. */
    s3: S3Access
    /** In files named `*.browser.test.ts`. */
    browser: { executablePath: string }
  }
}
