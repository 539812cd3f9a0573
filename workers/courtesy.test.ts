import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { courtesy } from './courtesy.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

/** Something long, and for how long it was held. */
function film() {
  let [held, since, heldMs] = [false, 0, 0]
  const turn = (to: boolean) => {
    expect(held).toBe(!to)
    if (held) heldMs += performance.now() - since
    since = performance.now()
    held = to
  }
  return {
    pause: () => turn(true),
    resume: () => turn(false),
    isHeld: () => held,
    heldMs: () => heldMs + (held ? performance.now() - since : 0),
  }
}

describe('what takes long', () => {
  it('is held while something small of another asset is done', () => {
    const { small, long } = courtesy()
    const it = film()
    const end = long('film', it)
    const leave = small('clip')
    expect(it.isHeld()).toBe(true)
    vi.advanceTimersByTime(400)
    leave()
    expect(it.isHeld()).toBe(false)
    end()
    expect(it.heldMs()).toBe(400)
  })

  it('is not held for what is done of its own asset', () => {
    const { small, long } = courtesy()
    const it = film()
    long('film', it)
    small('film')
    expect(it.isHeld()).toBe(false)
  })

  it('that begins while something small is done is held at once, and is let go before it is left', () => {
    const { small, long } = courtesy()
    const it = film()
    small('clip')
    const end = long('film', it)
    expect(it.isHeld()).toBe(true)
    end()
    expect(it.isHeld()).toBe(false)
  })

  it('goes on for a third of the time at least, whatever comes', () => {
    const span = fc.nat({ max: 20_000 })
    fc.assert(
      fc.property(fc.array(fc.tuple(span, span), { minLength: 1, maxLength: 40 }), (turns) => {
        const { small, long } = courtesy()
        const it = film()
        const begun = performance.now()
        long('film', it)
        for (const [busy, idle] of turns) {
          const leave = small('clip')
          vi.advanceTimersByTime(busy)
          leave()
          vi.advanceTimersByTime(idle)
        }
        expect(it.isHeld()).toBe(false)
        expect(it.heldMs()).toBeLessThanOrEqual(10_000 + (2 / 3) * (performance.now() - begun) + 1)
      }),
    )
  })
})
