/** Lets one call through in a while, however often it is called: a server that is away is said once, not a hundred times a second. */
export function calm<Argument>(
  everyMs: number,
  say: (argument: Argument, unsaid: number) => void,
): (argument: Argument) => void {
  let saidAt = Number.NEGATIVE_INFINITY
  let unsaid = 0
  return (argument) => {
    const now = performance.now()
    if (now - saidAt < everyMs) {
      unsaid += 1
      return
    }
    say(argument, unsaid)
    saidAt = now
    unsaid = 0
  }
}
