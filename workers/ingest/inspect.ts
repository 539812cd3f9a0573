import type { AssetKind } from '../../core/asset.ts'
import { moveAsset } from '../../core/db/assets.ts'
import type { JsonObject } from '../../core/db/schema.ts'
import { insertTasks, type NewTask } from '../../core/db/tasks.ts'
import { SluiceError } from '../../core/errors.ts'
import { isAcceptedType, typeNotAccepted } from '../../core/media/accepted-types.ts'
import type { Profile } from '../../core/media/profile.ts'
import { asSound, type Sniffed, sniff } from '../../core/media/sniff.ts'
import type { AssetPlan } from '../../core/plan.ts'
import { generationPrefix } from '../../core/storage/keys.ts'
import { priorityOf, queuePriority } from '../../core/task-kinds.ts'
import type { Handler, TaskRun } from '../house.ts'
import { sourceHead } from '../source-file.ts'
import { inspectImage } from './inspect-image.ts'
import { inspectRecording } from './inspect-recording.ts'
import { publishOriginal } from './original.ts'

/** What one look at the source found: the plan, and the facts that the asset shows. */
export type Inspected = { plan: AssetPlan; media: JsonObject }

/** sniff → probe → plan → one transaction: the asset is `processing`, and its plan's tasks wait. */
export const inspect: Handler = async (run) => {
  const { task, asset } = run
  const profile = profileOf(run)
  // Nothing of this generation is written before this, or by anybody else.
  await run.bench.storage.settle(generationPrefix(asset, task.generation))
  const seen = await sniff(await sourceHead({ ...run, bytes: 64 * 1024 }))
  if (seen === undefined)
    throw new SluiceError('unsupported_container', { message: 'the first bytes are of no kind that is accepted' })
  const { plan, media } = await look({ run, sniffed: seen, profile })
  const sniffed = plan.kind === 'audio' ? asSound(seen) : seen
  refuseUnaccepted(asset.accept, { mime: sniffed.mime, kind: plan.kind })
  const encoded = plan.kind === 'video' && plan.video !== null
  const original = encoded ? undefined : await publishOriginal({ run, sniffed, kind: plan.kind, media })
  return {
    result: JSON.parse(JSON.stringify(plan)),
    write: async (trx) => {
      await trx.updateTable('assets').set({ source_mime: sniffed.mime }).where('id', '=', asset.id).execute()
      const moved = await moveAsset(trx, { id: asset.id, generation: task.generation }, 'processing', {
        kind: plan.kind,
        media: JSON.stringify(media),
      })
      if (moved === undefined) return []
      await original?.(trx)
      return insertTasks(trx, [...tasksOfPlan(run, plan), ...digestOf(run)])
    },
  }
}

/** An upload token may have been for some types alone; what counts is what the bytes are. */
function refuseUnaccepted(accept: string[] | null, found: { mime: string; kind: AssetKind }): void {
  if (accept !== null && !isAcceptedType(accept, found)) throw typeNotAccepted(found.mime, accept)
}

/** A name becomes wishes here, once: from now on the plan counts, whatever becomes of the file. */
function profileOf({ asset, house }: TaskRun): Profile {
  const profile = house.config.profiles.get(asset.profile)
  if (profile !== undefined) return profile
  throw new SluiceError('unknown_profile', {
    message: `no profile "${asset.profile}" here: do all processes read one PROFILES_FILE?`,
    publicMessage: `The workers know no profile "${asset.profile}".`,
    retryAfterMs: 10_000,
  })
}

type Look = { run: TaskRun; sniffed: Sniffed; profile: Profile }

async function look({ run, sniffed, profile }: Look): Promise<Inspected> {
  return sniffed.family === 'image' ? inspectImage({ run, profile }) : inspectRecording({ run, profile })
}

/** What is to be done for a plan; where that is nothing, a look at the whole, which makes it ready. */
function tasksOfPlan({ task, asset }: TaskRun, plan: AssetPlan): NewTask[] {
  const make: Make = (key, { piece = 0, ...rest } = {}) => ({
    assetId: asset.id,
    generation: task.generation,
    key,
    params: {},
    queuePriority: queuePriority({ priority: priorityOf(task, asset), piece }),
    ...rest,
  })
  const pieces = piecesOfPlan(plan, make)
  return pieces.length > 0 ? pieces : [make(`publish:${task.key}`, { weight: 0 })]
}

/** Where nobody saw all bytes in one go. The rest goes first. */
function digestOf({ task, asset }: TaskRun): NewTask[] {
  if (asset.source_sha256 !== null) return []
  const last = { params: {}, queuePriority: queuePriority({ priority: 'low' }) }
  return [{ assetId: asset.id, generation: task.generation, key: 'digest', ...last }]
}

type Make = (key: string, options?: { piece?: number; weight?: number; params?: JsonObject }) => NewTask

/** Piece 0 of anything goes before piece 1 of anything; the pieces of one asset share its progress by their length. */
function piecesOfPlan(plan: AssetPlan, make: Make): NewTask[] {
  if (plan.kind === 'image') return [make('variants')]
  if (plan.kind === 'audio')
    return [...(plan.sound ? [make('sound:0', { weight: 10 })] : []), ...(plan.cover ? [make('stills')] : [])]
  const stills = plan.stills === null ? [] : [make('stills')]
  if (plan.video === null) return stills
  const { grid, audio, texts } = plan.video
  return [
    // First, because nothing is shown before they are there: players read the list of tracks but once.
    ...(texts === undefined ? [] : [make('subtitles')]),
    ...grid.chunks.map((chunk) =>
      make(`encode:${chunk.index}`, {
        piece: chunk.index,
        weight: (10 * chunk.frames) / grid.frames,
        params: { chunk: chunk.index },
      }),
    ),
    ...(audio.length > 0 ? [make('sound:0')] : []),
    ...stills,
  ]
}
