import type { Readable } from 'node:stream'
import type { AppendOptions, Grown, LocalGrowth } from './growing.ts'
import { takeIn } from './intake.ts'
import { diskError, isAbsent, notFound } from './local-errors.ts'
import { leftOpen, openTail, saidGoodbye, type Tail } from './local-tail.ts'
import { progressTeller } from './progress-teller.ts'
import { recycledSpaces } from './spaces.ts'

// Large enough that the disk is asked rarely; two of them are all that an append holds.
const blockBytes = 512 * 1024
const spaces = recycledSpaces({ bytes: blockBytes, keep: 8 })
/** A body that trickles is written after this long, so that little is lost when the process dies. */
const restMs = 500

/** Appends what the body brings to the last file, or to a new one, and comes back when it is on the disk itself. */
export async function appendLocally(options: {
  folder: string
  growth: LocalGrowth
  body: Readable
  options: AppendOptions
}): Promise<Grown> {
  const { folder, growth, body } = options
  const { signal, maxBytes, onSafe, ownsChunks, fresh = false } = options.options
  const before = fresh ? leftOpen(growth) : growth
  const intake = takeIn(body, { blockBytes, restMs, maxBytes, signal, ownsChunks, spaces })
  let tail: Tail | undefined
  let safe = before
  let fault: { reason: unknown } | undefined
  const failed = (error: unknown) => {
    // No file where one was, or no folder: sealed or discarded meanwhile.
    fault ??= { reason: isAbsent(error) ? notFound(growth.key) : diskError(error, growth.key) }
  }
  const takeStock = async () => {
    safe = (await tail?.sync()) ?? safe
    return safe
  }
  const teller = progressTeller({ onSafe, takeStock, stop: intake.stop })
  try {
    for await (const block of intake.blocks) {
      tail ??= await openTail(folder, before)
      await tail.write(block)
      teller.stir()
    }
  } catch (error) {
    failed(error)
  }
  await teller.end()
  try {
    await takeStock()
    await tail?.close()
    if (tail) safe = saidGoodbye(safe)
  } catch (error) {
    failed(error)
    await tail?.close().catch(() => undefined)
  }
  const failure = fault ?? intake.failure()
  return failure ? { growth: safe, failure: failure.reason } : { growth: safe }
}
