/** What a bench is told besides the folder that it may fill; the folder is removed after it. */
export type Wishes = {
  /** Shorter media and fewer rounds: to see that it works, not to quote. */
  quick: boolean
  /** Everything to the end, however long that takes. */
  full: boolean
  /** Of a bench with several sides those whose name this expression finds; default: all. */
  only: string
  /** Where films lie that several benches of one run use; removed after the run. */
  films: string
  /** Somebody pressed Ctrl-C: end everything that was started. */
  stop: AbortSignal
}

export type Bench = (folder: string, wishes: Wishes) => Promise<void>
