import { findBrowser } from './servers/find-browser.ts'
import { findCommand } from './servers/find-command.ts'
import { missingForRgw } from './servers/rgw.ts'

/** A vitest project, and why it cannot run here, if so. */
export type Part = { project: string; missing?: string }

/** The parts of the test suite, each with what keeps it from running on this machine. */
export function testParts(env: NodeJS.ProcessEnv): Part[] {
  const ceph = env['S3_TEST_ENDPOINT'] ? [] : missingForRgw()
  const redis = env['REDIS_TEST_URL'] || findCommand('redis-server', 'valkey-server')
  const noBrowser = findBrowser() ? undefined : 'chromium is not installed, and CHROMIUM_PATH names none'
  return [
    { project: 'base' },
    part('redis', redis ? undefined : 'redis-server is not installed, and REDIS_TEST_URL names none'),
    part('s3', ceph.length === 0 ? undefined : `${ceph.join(', ')} not installed, and S3_TEST_ENDPOINT names no store`),
    part('browser', noBrowser),
    part('alone', noBrowser),
  ]
}

function part(project: string, missing: string | undefined): Part {
  return missing === undefined ? { project } : { project, missing }
}
