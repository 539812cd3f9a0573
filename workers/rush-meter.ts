/** So many in a second are a rush. Slots that are busy because origins are slow make none, for then there is nothing to be had by waiting. */
const many = 16
const withinMs = 1_000

/** Whether addresses are taken up as fast as they can be, and still more of them wait. */
export function rushMeter(now: () => number = () => performance.now()) {
  const taken: number[] = []
  let more = false
  return {
    saw({ wanted, got }: { wanted: number; got: number }): void {
      for (let n = 0; n < got; n++) taken.push(now())
      taken.splice(0, taken.length - many)
      more = wanted > 0 && got === wanted
    },
    /** As far as the last look told. */
    moreWait: () => more,
    isOn: () => more && taken.length === many && now() - (taken[0] ?? 0) < withinMs,
  }
}
