import { sql } from 'kysely'
import { holdRun } from '../../core/db/task-run.ts'
import { insertTasks } from '../../core/db/tasks.ts'
import { spoilUpload } from '../../core/db/upload-pieces.ts'
import { findUpload, type Piece, piecesOf } from '../../core/db/uploads.ts'
import { SluiceError } from '../../core/errors.ts'
import { privateObject, sourceKey } from '../../core/storage/keys.ts'
import { meterBody } from '../../core/storage/meter.ts'
import type { Handler, TaskRun } from '../house.ts'
import { openSource } from '../source-file.ts'

type Sealed = { key: string; bytes: number; sha256: string }

/**
 * Makes one source of an upload's pieces, and holds it to what the client said of it. The pieces stay until this is
 * committed, so that it may run as often as it must.
 */
export const seal: Handler = async (run) => {
  const { task, asset, house } = run
  const upload = await findUpload(house.db, asset)
  if (upload?.status !== 'done') throw mismatch('was found not to be what was announced')
  const sealed = await sealedOf(run)
  if (sealed.bytes !== asset.source_bytes)
    throw new SluiceError('storage_unavailable', {
      message: `what came of ${asset.id} is ${sealed.bytes} bytes; ${asset.source_bytes} were taken`,
      fate: 'retry',
    })
  if (upload.sha256 !== null && upload.sha256 !== sealed.sha256) await refuse(run, sealed)
  const common = { assetId: asset.id, generation: task.generation, params: {}, queuePriority: task.queue_priority }
  return {
    result: { bytes: sealed.bytes, sha256: sealed.sha256 },
    write: async (trx) => {
      await trx
        .updateTable('assets')
        .set({ source_key: sealed.key, source_sha256: sealed.sha256, updated_at: sql`now()` })
        .where('id', '=', asset.id)
        .execute()
      return insertTasks(trx, [
        { ...common, key: 'inspect' },
        { ...common, key: 'purge:pieces' },
      ])
    },
  }
}

/** Bytes that a store took by itself lie at their place already, and only want to be looked at. */
async function sealedOf(run: TaskRun): Promise<Sealed> {
  const { asset, bench, house } = run
  if (asset.source_key !== null) return { key: asset.source_key, ...(await look(run)) }
  const pieces = await piecesOf(house.db, asset.id)
  const key = sourceKey(asset, asset.source_filename ?? undefined)
  bench.guard()
  const only = pieces.length === 1 ? pieces[0] : undefined
  const sha256 = only && sha256Of(only)
  if (only && sha256) return { key, bytes: await bench.storage.copy(only.key, key, privateObject), sha256 }
  const keys = pieces.map((piece) => piece.key)
  return bench.storage.join(keys, key, { ...privateObject, signal: bench.signal })
}

/** Pieces that we hashed bear it as their tag. */
const sha256Of = ({ etag }: Piece) => /^"([0-9a-f]{64})"$/.exec(etag)?.[1]

async function look(run: TaskRun): Promise<Pick<Sealed, 'bytes' | 'sha256'>> {
  const { asset, bench } = run
  const meter = meterBody({ body: await openSource(run), signal: bench.signal })
  let passed = 0
  for await (const chunk of meter.chunks) {
    passed += chunk.byteLength
    bench.progress(passed / Math.max(passed, asset.source_bytes ?? 0))
  }
  return meter.seen()
}

/** Under the fence, so that no run which was overtaken spoils what another made of the same pieces. Upkeep takes the bytes back. */
async function refuse({ task, asset, house }: TaskRun, sealed: Sealed): Promise<never> {
  await house.db.transaction().execute(async (trx) => {
    await holdRun(trx, task)
    await spoilUpload(trx, asset.id)
  })
  throw mismatch(`came to SHA-256 ${sealed.sha256}`)
}

const mismatch = (what: string) =>
  new SluiceError('checksum_mismatch', {
    message: `the upload ${what}`,
    publicMessage: 'The bytes that came are not those whose SHA-256 was announced.',
  })
