/** Does the work, or leaves it out (undefined) while as many as may be inside are inside. */
export type Turnstile = <Result>(work: () => Promise<Result>) => Promise<Result | undefined>

export function turnstile({ most }: { most: number }): Turnstile {
  let inside = 0
  return async (work) => {
    if (inside >= most) return undefined
    inside += 1
    try {
      return await work()
    } finally {
      inside -= 1
    }
  }
}
