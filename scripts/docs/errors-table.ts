import { errorCodes, type Fate } from '../../core/error-codes.ts'
import { table } from './table.ts'

const fates: Record<Fate, string> = {
  retry: 'tried again after a rest, a few times',
  give_up: 'given up at once',
  later: 'tried again until it works; no attempt is used up',
}

/** Every code, with an anchor of its own for the `type` of a problem to point at. */
export function errorsTable(): string {
  return table({
    head: ['code', 'status', 'a task that fails with it is', 'meaning', 'what to do'],
    rows: Object.entries(errorCodes).map(([code, { status, fate, title, remedy }]) => [
      `<a id="${code}"></a>\`${code}\``,
      String(status),
      fates[fate],
      title,
      remedy,
    ]),
  })
}
