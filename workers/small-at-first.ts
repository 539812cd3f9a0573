import type { Courtesy, Holdable } from './courtesy.ts'

/** Until then a program has brought what somebody may wait for: the first seconds of its sound. */
const soonMs = 2_000

type Options = {
  courtesy: Courtesy
  asset: string
  /** Whether others stand still for it at first. */
  holds: boolean
  afterMs?: number
}

/**
 * What was taken for soon done, and turns out not to be, holds nobody any more and is held itself: how long
 * a stranger's file takes is known only once it was tried.
 */
export function smallAtFirst({ courtesy, asset, holds, afterMs = soonMs }: Options) {
  let over = holds ? courtesy.small(asset) : undefined
  const done = () => {
    over?.()
    over = undefined
  }
  let isLong = false
  const programs = new Map<Holdable, (() => void) | undefined>()
  const timer = setTimeout(() => {
    isLong = true
    done()
    for (const program of programs.keys()) programs.set(program, courtesy.long(asset, program))
  }, afterMs)
  return {
    /** For each program that it starts. */
    courtesy(program: Holdable): () => void {
      programs.set(program, isLong ? courtesy.long(asset, program) : undefined)
      return () => {
        programs.get(program)?.()
        programs.delete(program)
      }
    },
    end(): void {
      clearTimeout(timer)
      done()
    },
  }
}
