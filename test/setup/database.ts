import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import { atEnd } from './at-end.ts'
import { inDatabase, query, templateName } from './postgres-desk.ts'

/** A migrated, empty database for this test file alone, dropped after its last test and hook. Close your pools before. */
export async function testDatabase(): Promise<{ url: string; name: string }> {
  const answer = await fetch(inject('postgresDesk'))
  const server = await answer.text()
  if (!answer.ok) throw new Error(`Postgres for the tests did not start: ${server}`)
  const name = `test_${randomBytes(6).toString('hex')}`
  await query({ url: server, sql: `create database ${name} template ${templateName}` })
  atEnd(() => query({ url: server, sql: `drop database ${name} with (force)` }))
  return { url: inDatabase({ url: server, name }), name }
}
