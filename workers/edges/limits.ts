export type Limits = {
  /** Address space of the child. */
  memoryBytes: number
  /** Memory that it may write to, of that. */
  dataBytes: number
  cpuSeconds: number
  /** The largest file it may write. */
  fileBytes: number
  /** Processes and threads in its namespace; root of the machine is never held to it. */
  processes: number
  /** From start to end, by the clock. */
  wallMs: number
  /** How far it stands back on the processor for the house itself and for others, unless its tools say it (`stand-back.ts`). */
  nice: number
}

export const defaultLimits: Limits = {
  memoryBytes: 8 * 2 ** 30,
  dataBytes: 8 * 2 ** 30,
  cpuSeconds: 6 * 3600,
  fileBytes: 2 ** 30,
  processes: 1024,
  wallMs: 2 * 3600_000,
  nice: 17,
}

/** Somebody waits for it: before what else is made of a file, and still behind the house itself: what calls it, or dies at an address, waits for no encoder. */
export const firstNice = 10

/** Words that stand for a limit in `MediaTools.sandbox`; each call puts its own numbers in. */
const placeholders = {
  '--as=': 'memoryBytes',
  '--data=': 'dataBytes',
  '--cpu=': 'cpuSeconds',
  '--fsize=': 'fileBytes',
  '--nproc=': 'processes',
  '-n': 'nice',
} as const

/** The prefix with one call's limits in it. */
export function withLimits(argv: readonly string[], limits: Limits): string[] {
  return argv.map((word) => {
    const limit = Object.entries(placeholders).find(([placeholder]) => placeholder === word)?.[1]
    return limit === undefined ? word : `${word}${Math.ceil(limits[limit])}`
  })
}
