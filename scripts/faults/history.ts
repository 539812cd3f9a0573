import { appendFileSync } from 'node:fs'

/** One thing that a client did, was told, or saw; or that was done to the house. */
export type Entry = { at: number; seed: number } & (
  | { what: 'sent'; item: string; way: string; key?: string | undefined; bytes?: number; sha256?: string }
  /** The house has said that it has it all: from now on it may not be lost. */
  | { what: 'acknowledged'; item: string; assetId: string; status: number }
  /** No answer, or one that says nothing for good. */
  | { what: 'unknown'; item: string; why: string }
  | { what: 'refused'; item: string; status: number; code: string }
  | { what: 'offset'; item: string; upload: string; offset: number; from: 'answer' | 'head' }
  | { what: 'deleted'; item: string; assetId: string }
  | { what: 'seen'; assetId: string; status: string; playable: boolean }
  | { what: 'fault'; fault: string; n: number }
  | { what: 'lifted'; fault: string; n: number; note?: string }
)
export type News = Entry extends infer One ? (One extends Entry ? Omit<One, 'at' | 'seed'> : never) : never

export type History = { write(news: News): void; readonly entries: readonly Entry[] }

/** Written at once, a line each: what was told outlives whoever is told of it. */
export function openHistory({ file, seed }: { file: string; seed: number }): History {
  const entries: Entry[] = []
  return {
    entries,
    write(news) {
      const entry = { at: Date.now(), seed, ...news } as Entry
      entries.push(entry)
      appendFileSync(file, `${JSON.stringify(entry)}\n`)
    },
  }
}
