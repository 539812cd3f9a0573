import { tmpdir } from 'node:os'
import type { TestProject } from 'vitest/node'
import { startRgw } from '../../scripts/servers/rgw.ts'
import { runFolder } from './run-folder.ts'

/** For the project `s3`: the store that the environment names, or a Ceph gateway. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const endpoint = process.env['S3_TEST_ENDPOINT']
  if (endpoint) {
    project.provide('s3', {
      endpoint,
      accessKeyId: process.env['S3_TEST_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: process.env['S3_TEST_SECRET_ACCESS_KEY'] ?? '',
      region: process.env['S3_TEST_REGION'] ?? 'us-east-1',
    })
    return undefined
  }
  const { stop, ...access } = await startRgw({
    folder: `${runFolder({ parent: tmpdir(), pid: process.pid }).path}/rgw`,
  })
  project.provide('s3', access)
  return stop
}
