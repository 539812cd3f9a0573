import pg from 'pg'
import { atEnd } from './at-end.ts'

/** No answer is kept until it is let go: an API that has made an asset, and is about to answer, stops in between. */
export async function stallAnswers(databaseUrl: string): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query(stall)
  let ended: Promise<void> | undefined
  const letGo = () => {
    ended ??= client.end()
    return ended
  }
  atEnd(letGo)
  return letGo
}

const stall = `
  CREATE OR REPLACE FUNCTION wait_for_the_test() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_advisory_xact_lock_shared(20011); RETURN NEW; END $$;
  CREATE OR REPLACE TRIGGER wait_for_the_test BEFORE UPDATE ON idempotency
    FOR EACH ROW WHEN (NEW.status IS NOT NULL) EXECUTE FUNCTION wait_for_the_test();
  SELECT pg_advisory_lock(20011)`
