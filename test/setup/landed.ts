import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import type { LiveHouse } from './live-house.ts'

/** What became of an upload: read from the database and the folder of local storage, whatever the API says. */
export async function landed(house: Pick<LiveHouse, 'databaseUrl' | 'folder'>, id: string) {
  const client = new pg.Client({ connectionString: house.databaseUrl })
  await client.connect()
  try {
    const { rows } = await client.query('SELECT * FROM assets WHERE id = $1', [id])
    const pieces = await client.query('SELECT key FROM upload_pieces WHERE upload_id = $1 ORDER BY number', [id])
    const events = await client.query('SELECT type FROM events WHERE asset_id = $1 ORDER BY sequence', [id])
    const before = await client.query('SELECT count(*)::int AS count FROM assets WHERE created_at >= $1', [
      rows[0].created_at,
    ])
    const keys = rows[0].source_key === null ? pieces.rows.map(({ key }) => key) : [rows[0].source_key]
    return {
      status: rows[0].status,
      bytes: Number(rows[0].source_bytes),
      sha256: await hashOf(keys.map((key) => `${house.folder}/media/${key}`)),
      inRow: rows[0].source_sha256,
      assets: before.rows[0].count,
      events: events.rows.map(({ type }) => type),
    }
  } finally {
    await client.end()
  }
}

async function hashOf(files: string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const file of files) await pipeline(createReadStream(file), hash, { end: false })
  return hash.digest('hex')
}
