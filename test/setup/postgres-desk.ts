import { createServer } from 'node:http'
import pg from 'pg'
import { startPostgres } from '../../scripts/servers/postgres.ts'

export const templateName = 'sluice_template'

export type Desk = {
  address: string
  /** Databases that tests left behind, and then the end of the server that was started here. */
  close(): Promise<string[]>
}

/** Starts Postgres when the first test asks for it, so that a run of pure tests does not pay for it. */
export async function openPostgresDesk(options: {
  folder: string
  givenUrl: string | undefined
  migrate: (url: string) => Promise<unknown>
}): Promise<Desk> {
  let started: ReturnType<typeof prepare> | undefined
  const server = createServer((_request, response) => {
    started ??= prepare(options)
    started.then(
      ({ url }) => response.end(url),
      (error) => response.writeHead(500).end(error instanceof Error ? error.stack : String(error)),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('The desk has no address')
  return {
    address: `http://127.0.0.1:${address.port}/`,
    async close() {
      server.close()
      const postgres = await started?.catch(alreadyReported)
      if (postgres === undefined) return []
      const left = await query({
        url: postgres.url,
        sql: `select datname from pg_database where datname like 'test\\_%'`,
      })
      await query({ url: postgres.url, sql: `drop database if exists ${templateName} with (force)` })
      await postgres.stop()
      return left.map((row) => `the database ${row['datname']}`)
    },
  }
}

async function prepare(options: Parameters<typeof openPostgresDesk>[0]) {
  const server = options.givenUrl
    ? { url: options.givenUrl, stop: async () => undefined }
    : await startPostgres({ folder: options.folder })
  await query({ url: server.url, sql: `drop database if exists ${templateName} with (force)` })
  await query({ url: server.url, sql: `create database ${templateName}` })
  await options.migrate(inDatabase({ url: server.url, name: templateName }))
  return server
}

/** The test that asked was told, and failed. */
function alreadyReported(): undefined {
  return undefined
}

export function inDatabase({ url, name }: { url: string; name: string }): string {
  const address = new URL(url)
  address.pathname = `/${name}`
  return address.href
}

/** One statement over a connection of its own. */
export async function query({ url, sql }: { url: string; sql: string }): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}
