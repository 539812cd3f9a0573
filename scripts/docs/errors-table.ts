import { type Entry, errorCodes, type Fate } from '../../core/error-codes.ts'
import { table } from './table.ts'

const fates: Record<Fate, string> = {
  retry: 'tried again after a rest, a few times',
  give_up: 'given up at once',
  later: 'tried again until it works; no attempt is used up',
}

/** Where a code stands for failures of several fates. */
const severalFates: Record<string, string> = {
  source_unavailable: 'tried again, mostly for [10 minutes](addresses.md#when-it-fails)',
}

const fateOf = ({ fate, patienceMs }: Entry) =>
  patienceMs === undefined ? fates[fate] : `tried again for ${patienceMs / 60_000} minutes; no attempt is used up`

/** Every code, with an anchor of its own for the `type` of a problem to point at. */
export function errorsTable(): string {
  return table({
    head: ['code', 'status', 'a task that fails with it is', 'meaning', 'what to do'],
    rows: Object.entries<Entry>(errorCodes).map(([code, entry]) => [
      `<a id="${code}"></a>\`${code}\``,
      String(entry.status),
      severalFates[code] ?? fateOf(entry),
      entry.title,
      entry.remedy,
    ]),
  })
}
