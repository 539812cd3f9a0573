/**
 * Waits until somebody wants this process to end: SIGTERM, Ctrl-C, or the supervisor that started it is gone.
 * A second signal hurries: the process leaves at once.
 */
export async function untilStopped(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let askedAt: number | undefined
  const onSignal = () => {
    // npm passes Ctrl-C on although the terminal has sent it already: the echo is no second wish.
    if (askedAt !== undefined && performance.now() - askedAt > 1_000) process.exit(1)
    askedAt ??= performance.now()
    resolve()
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  process.once('disconnect', resolve)
  // The supervisor may have gone before anybody listened.
  if (process.channel !== undefined && !process.connected) resolve()
  await promise
  // A listener would keep the channel, and so this process, alive.
  process.off('disconnect', resolve)
  if (process.connected) process.disconnect()
}
