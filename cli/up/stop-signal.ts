/** npm passes Ctrl-C on although the terminal has sent it already: what comes this soon is no second wish. */
const echoMs = 1_000

/** The first Ctrl-C, SIGTERM or closed terminal asks for an orderly end, the second one for a quick one. */
export function listenForStop(): { stop: AbortSignal; hurry: AbortSignal; release(): void } {
  const stop = new AbortController()
  const hurry = new AbortController()
  let askedAt = 0
  const heard = () => {
    if (!stop.signal.aborted) {
      askedAt = performance.now()
      stop.abort()
    } else if (performance.now() - askedAt > echoMs) hurry.abort()
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, heard)
  return {
    stop: stop.signal,
    hurry: hurry.signal,
    release() {
      for (const signal of signals) process.off(signal, heard)
    },
  }
}

/** Resolves when the signal fires. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
