/** How long and how much we let a stranger's server send. */
export type DownloadLimits = {
  maxBytes: number
  connectMs: number
  headersMs: number
  /** The longest silence between two pieces of the body. */
  idleMs: number
  /** Slower than this over one window of waiting ends the download; time in which we were the slow side does not count. */
  minBytesPerSecond: number
  rateWindowMs: number
  totalMs: number
  redirects: number
  /** How often a body that broke off may be gone on with, and how often in a row without one more byte. */
  continuations: number
  fruitless: number
  /** How often it is begun anew where it cannot be gone on with. */
  restarts: number
  /** The rest before going on; doubled for each time that brought nothing. */
  pauseMs: number
}

/** Limits of one download; all but the size have defaults. */
export const withDefaults = (limits: Partial<DownloadLimits> & { maxBytes: number }): DownloadLimits => ({
  connectMs: 10_000,
  headersMs: 10_000,
  idleMs: 15_000,
  minBytesPerSecond: 1024,
  rateWindowMs: 30_000,
  totalMs: 30 * 60_000,
  redirects: 3,
  continuations: 10_000,
  fruitless: 5,
  restarts: 2,
  pauseMs: 100,
  ...limits,
})
