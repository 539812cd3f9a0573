/**
 * Postgres's time, counted on from the moment at which it gave out a task. A worker's own clock may be wrong, and wrong
 * in another way than that of the worker before it; only how much time passes does each of them know.
 */
export function postgresClock({ started_at }: { started_at: Date | null }): () => number {
  const before = (started_at?.getTime() ?? Date.now()) - performance.now()
  return () => before + performance.now()
}
