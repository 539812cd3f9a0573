import pg from 'pg'
import { atEnd } from './at-end.ts'

/** Nobody reads outputs until it is let go: an API that has made an asset, and is about to show it, stops in between. */
export async function stallAnswers(databaseUrl: string): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query('BEGIN; LOCK TABLE outputs IN ACCESS EXCLUSIVE MODE')
  let ended: Promise<void> | undefined
  const letGo = () => {
    ended ??= client.end()
    return ended
  }
  atEnd(letGo)
  return letGo
}
