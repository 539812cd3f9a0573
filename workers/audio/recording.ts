import { addMediaFacts } from '../../core/db/media-facts.ts'
import type { Database } from '../../core/db/open.ts'
import { type NewOutput, writeOutputs } from '../../core/db/outputs.ts'
import type { SoundPlan } from '../../core/media/sound-plan.ts'
import { contentTypeFor } from '../../core/storage/content-types.ts'
import type { Outcome, TaskRun } from '../house.ts'
import { growingLists } from '../publish/grow.ts'
import { publishAfter } from '../publish/publish-after.ts'
import { publishSound } from '../publish/publish-sound.ts'
import { segmentLedger } from '../video/segment-ledger.ts'
import { encodeM4a, type MadeSound } from './encode-m4a.ts'

/** A recording without pictures: its file and waveform as rows, and what was learnt by hearing all of it. */
export async function recording(options: { run: TaskRun; plan: SoundPlan; sourcePath: string }): Promise<Outcome> {
  const { run, plan, sourcePath } = options
  const { task, bench, put, house } = run
  const publish = (db: Database) => publishSound({ run, db, complete: false })
  const ledger = segmentLedger({ run, afterwards: growingLists({ run, publish }) })
  const hls = plan.hls ? { attempt: task.attempt, ledger, put } : undefined
  const made = await encodeM4a({ plan, sourcePath, tools: house.tools, bench, put, hls, memory: run.memory })
  const generation = { id: task.asset_id, generation: task.generation }
  const facts = {
    duration: Math.round(made.seconds * 1_000) / 1_000,
    ...(made.loudness && { loudness: made.loudness }),
  }
  return {
    result: { bytes: made.m4a.bytes, ...facts },
    write: publishAfter(run, async (trx) => {
      await writeOutputs(trx, generation, outputsOf(made))
      await addMediaFacts(trx, generation, facts)
    }),
  }
}

function outputsOf({ m4a, waveform }: MadeSound): NewOutput[] {
  const drawn = waveform && { role: 'waveform' as const, name: 'json', ...typed(waveform), facts: { format: 'json' } }
  return [{ role: 'audio', name: 'm4a', ...typed(m4a), facts: { format: 'm4a' } }, ...(drawn ? [drawn] : [])]
}

const typed = (stored: MadeSound['m4a']) => ({ ...stored, contentType: contentTypeFor(stored.key) })
