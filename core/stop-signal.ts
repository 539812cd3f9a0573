/** npm passes Ctrl-C on although the terminal has sent it already: what comes this soon is no second wish. */
const echoMs = 1_000

export type Stopping = {
  /** Somebody wants this process to end in order. */
  stop: AbortSignal
  /** Somebody wants it a second time. */
  hurry: AbortSignal
  release(): void
}

/** The first Ctrl-C, SIGTERM or closed terminal asks for an orderly end, the second one for a quick one. */
export function listenForStop(): Stopping {
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

/** The same for a process that a supervisor started: it ends as well when that one is gone, which closes its channel. */
export function listenForStopAsChild(): Stopping {
  const heard = listenForStop()
  const orphaned = new AbortController()
  const onDisconnect = () => orphaned.abort()
  process.once('disconnect', onDisconnect)
  // The supervisor may have gone before anybody listened.
  if (process.channel !== undefined && !process.connected) onDisconnect()
  return {
    stop: AbortSignal.any([heard.stop, orphaned.signal]),
    hurry: heard.hurry,
    release() {
      // A listener would keep the channel, and so this process, alive.
      process.off('disconnect', onDisconnect)
      if (process.connected) process.disconnect()
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
