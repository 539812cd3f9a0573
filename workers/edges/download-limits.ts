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
  ...limits,
})
