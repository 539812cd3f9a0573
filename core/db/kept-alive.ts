/** For every connection to Postgres. Said with the delay, for without it the system's own two hours hold. */
export const keptAlive = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 }
