import { within } from '../../core/within.ts'

/** `bad` keeps it from working; `doubtful` is worth a look. */
export type Finding = { what: string; is: 'good' | 'doubtful' | 'bad'; says: string; remedy?: string }

export const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

const patienceMs = 20_000

/** One look; what it throws is what it found, and so is that nothing comes. */
export async function look(what: string, remedy: string, work: () => Promise<string>): Promise<Finding> {
  try {
    return { what, is: 'good', says: await within(patienceMs, work()) }
  } catch (error) {
    return { what, is: 'bad', says: messageOf(error), remedy }
  }
}
