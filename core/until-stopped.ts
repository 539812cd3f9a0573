/**
 * Waits until somebody wants this process to end: SIGTERM, Ctrl-C, or the supervisor that started it is gone.
 * A second signal hurries: the process leaves at once.
 */
export async function untilStopped(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  let asked = false
  const stop = (why: string) => () => {
    if (asked && why !== 'disconnect') process.exit(1)
    asked = true
    resolve(why)
  }
  process.on('SIGTERM', stop('SIGTERM'))
  process.on('SIGINT', stop('SIGINT'))
  process.on('disconnect', stop('disconnect'))
  return promise
}
