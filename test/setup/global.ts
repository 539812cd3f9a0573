import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import type { TestProject } from 'vitest/node'
import { migrateToLatest } from '../../core/db/migrate.ts'
import { findLeftovers } from './leftovers.ts'
import { openPostgresDesk } from './postgres-desk.ts'
import { makeRunFolder, runFolder } from './run-folder.ts'

/** Once for the whole run, whichever projects it has. Fails the run if a test left something behind. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = runFolder({ parent: tmpdir(), pid: process.pid })
  await makeRunFolder({ folder, parent: tmpdir() })
  const desk = await openPostgresDesk({
    folder: `${folder.path}/postgres`,
    givenUrl: process.env['TEST_DATABASE_URL'],
    migrate: (url) => migrateToLatest({ url }),
  })
  project.provide('postgresDesk', desk.address)
  return async () => {
    const left = [...(await findLeftovers(folder)), ...(await desk.close())]
    // Vitest's own workers may still write down what they compiled.
    await rm(folder.path, { recursive: true, force: true, maxRetries: 10 })
    if (left.length > 0) throw new Error(`The tests left behind:\n${left.map((one) => `  ${one}`).join('\n')}`)
  }
}
