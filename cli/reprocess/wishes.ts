import { z } from 'zod'

/** How a batch is to be run: kept in its row, so that whoever goes on with it does so in the same way. */
export const wishesSchema = z.object({
  /** By which profile; each by its own where that is not said. */
  profile: z.string().optional(),
  /** How many assets at once; two for each living worker where that is not said. */
  concurrency: z.number().optional(),
  perMinute: z.number().optional(),
  canary: z.number().default(0),
  maxFailures: z.number(),
})
export type BatchWishes = z.infer<typeof wishesSchema>

/** How many assets are under way at once, with so many workers. */
export const atOnceOf = ({ concurrency }: Pick<BatchWishes, 'concurrency'>, workers: number) =>
  concurrency ?? 2 * workers

export type Ended = { done: number; failed: number }

/** Whether too many of those that ended did so in failure, however few they are. */
export const failsTooMany = ({ done, failed }: Ended, { maxFailures }: Pick<BatchWishes, 'maxFailures'>): boolean =>
  failed > 0 && (100 * failed) / (done + failed) > maxFailures

/** Of fewer than these nobody can say what share fails. */
const fewest = 10

/** Whether too many fail for the others to be begun. */
export function failsTooMuch(ended: Ended, wishes: Pick<BatchWishes, 'maxFailures'>, of: number): boolean {
  return ended.done + ended.failed >= Math.min(fewest, of) && failsTooMany(ended, wishes)
}
