import { type Counts, countItems, failuresOf } from '../../core/db/batches.ts'
import type { Database } from '../../core/db/open.ts'
import type { Counted } from '../../core/db/select-assets.ts'
import { asSluiceError, type SluiceError } from '../../core/errors.ts'
import { bytes, count, duration } from '../amounts.ts'
import { columns } from '../columns.ts'
import { openProgress } from '../progress.ts'
import { note, paint, printJson, short } from '../terminal.ts'
import type { Estimate } from './estimate.ts'
import type { RunEnd } from './rounds.ts'

/** `named`: how many ids, where those are all that limits it. */
type Found = { counted: Counted[]; estimate: Estimate; dryRun: boolean; named: number | undefined }

/** What one run of the command says: for people a table, a bar and a last word; for programs a line of JSON each. */
export function report({ json, data }: { json: boolean; data: string }) {
  const progress = openProgress({ quiet: json })
  const pace = paceMeter()
  let said = ''
  const resumeCommand = (id: string) => `sluice reprocess --resume ${id}${data === '.sluice' ? '' : ` --data ${data}`}`
  return {
    counted({ counted, estimate, dryRun, named }: Found) {
      const assets = counted.reduce((sum, one) => sum + one.assets, 0)
      const leftOut = (named ?? assets) - assets
      if (leftOut > 0) note(`${count(leftOut, 'id')} left out: unknown, deleted, or not like the other filters`)
      if (json) return printJson({ event: 'counted', dryRun, assets, byKind: counted, estimate })
      console.log(assets === 0 ? 'Nothing is like that.' : table(counted, estimate))
    },
    /** Of a batch that is only looked at. */
    async left(db: Database, { id, retry }: { id: string; retry: boolean }) {
      const counts = await countItems(db, id)
      const again = retry ? counts.failed : 0
      const toGo = { ...counts, failed: counts.failed - again, waiting: counts.waiting + again }
      if (json)
        return printJson({ event: 'counted', dryRun: true, batch: id, assets: toGo.waiting + toGo.started, ...toGo })
      console.log(lastWord(toGo))
    },
    begun(batch: string) {
      if (json) printJson({ event: 'begun', batch })
      else note(`batch ${batch}`)
    },
    progress(counts: Counts, held: boolean) {
      const { done, total, left } = state(counts)
      const seconds = pace(done, left)
      if (json) {
        const line = JSON.stringify(counts)
        if (line !== said) printJson({ event: 'progress', ...counts, held, secondsLeft: seconds })
        said = line
        return
      }
      const failed = counts.failed > 0 ? `, ${counts.failed} failed` : ''
      const rest = held ? 'gives way to live work' : seconds === null ? '' : `${duration(seconds)} left`
      progress.show({ done, total, said: `${done}/${total}${failed}  ${rest}` })
    },
    trouble({ code, message }: SluiceError, restMs: number) {
      if (json) printJson({ event: 'trouble', code, message, restSeconds: restMs / 1_000 })
      else note(`${code}: ${short(message, 200)}; tried again in ${duration(restMs / 1_000)}`)
    },
    /** What went wrong is said by whoever hears of it last. */
    broken(id: string, thrown: unknown) {
      progress.end()
      const resume = resumeCommand(id)
      const { code } = asSluiceError(thrown)
      if (json) printJson({ event: 'ended', batch: id, end: 'failed', code, resume })
      else note(`Go on with: ${resume}`)
    },
    /** No more is shown of how far it is. */
    close: progress.end,
    async ended(db: Database, { id, end }: { id: string; end: RunEnd }) {
      progress.end()
      const counts = await countItems(db, id)
      const failures = await failuresOf(db, id)
      const resume = resumeCommand(id)
      if (json)
        return printJson({ event: 'ended', batch: id, end, ...counts, failures, ...(end !== 'done' && { resume }) })
      console.log(lastWord(counts))
      if (failures.length > 0)
        console.log(columns([['FAILED', 'CODE'], ...failures.map(({ items, code }) => [String(items), code])]))
      if (end === 'failing') note(paint('red', 'Too many failed, so no more were begun.'))
      if (end === 'stopped') note('Stopped. What was begun ends by itself.')
      if (end !== 'done') note(`Go on with: ${resume}`)
      else if (failures.length > 0) note(`Try those once more with: ${resume} --retry`)
    },
  }
}

function state(counts: Counts) {
  const left = counts.waiting + counts.started
  const done = counts.done + counts.failed + counts.skipped
  return { done, left, total: done + left }
}

function lastWord({ done, failed, skipped, waiting, started }: Counts): string {
  const parts = [`${count(done, 'asset')} made anew`]
  if (failed > 0) parts.push(`${failed} failed, and ${failed === 1 ? 'is' : 'are'} as before`)
  if (skipped > 0) parts.push(`${skipped} left out, deleted or being worked on`)
  if (waiting + started > 0) parts.push(`${waiting + started} to go`)
  return parts.join('; ')
}

function table(counted: Counted[], estimate: Estimate): string {
  const head = ['KIND', 'ASSETS', 'PLAYS', 'STORED']
  const rows = counted.map((one) => [
    ...[one.kind ?? 'unknown', one.assets.toLocaleString('en-US')],
    ...[one.seconds > 0 ? duration(one.seconds) : '', bytes(one.bytes)],
  ])
  const { workSeconds, wallSeconds, moreBytes, unknown } = estimate
  const cost = `Costs about ${duration(workSeconds)} of work, ${duration(wallSeconds)} by the clock, and ${bytes(moreBytes)} more storage until the former generations are removed.`
  const known =
    unknown > 0
      ? `\nNothing like ${count(unknown, 'of them', 'of them')} was made here lately, so that is not in it.`
      : ''
  return `${columns([head, ...rows])}\n\n${cost}${known}`
}

/** Seconds to the end, by how fast it went in the last minute; null until that can be said. */
function paceMeter() {
  const marks: { at: number; done: number }[] = []
  return (done: number, left: number): number | null => {
    const now = performance.now()
    if (marks.at(-1)?.done !== done) marks.push({ at: now, done })
    while (marks.length > 2 && now - (marks[0]?.at ?? now) > 60_000) marks.shift()
    const [first] = marks
    const rate = first ? (done - first.done) / ((now - first.at) / 1_000) : 0
    return rate > 0 ? Math.round(left / rate) : null
  }
}
